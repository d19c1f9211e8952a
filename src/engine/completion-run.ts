import type { Settled } from "../ledger/settlement.ts";
import type { Account } from "./account.ts";
import type { Answer } from "./answer.ts";
import type { Engine } from "./engine.ts";
import type { GrowingTrail } from "./failover-plan.ts";
import type { GrowingText } from "./growing-text.ts";
import type { CompletionOperation, OperationLimits } from "./operation.ts";
import type { Verdict } from "./schema.ts";

/** One completion while it runs. */
export interface CompletionRun {
  readonly operation: CompletionOperation;
  readonly engine: Engine;
  /** When it was admitted; the deadline counts from here (DL-1). */
  startedAt: number;
  readonly trail: GrowingTrail;
  /** Of the attempt that is running, or the one that answered. */
  answer: Answer;
  /** The text the caller has been given, from whichever attempt. */
  readonly delivered: GrowingText;
  /** The caller has been given a part of a tool call, which nobody can carry on. */
  hasToolCall: boolean;
  firstTokenMs: number | null;
  /** What its admission has to say. */
  warnings: readonly string[];
  /** What booking it brought to light. */
  settled: Settled;
}

/** What holds for every attempt of one completion. */
export interface CompletionRules {
  readonly limits: OperationLimits;
  /** Present when the answer has to be valid against a schema. */
  readonly check: ((text: string) => Verdict) | undefined;
  readonly account: Account;
}
