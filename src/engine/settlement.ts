import type { Accepted } from "../admission/decide.ts";
import type { AdmissionRules } from "../admission/rules.ts";
import type { ErrorCode, RiptideError } from "../core/errors.ts";
import type { OperationStart } from "../core/operation.ts";
import type { AttemptLine, Settlement } from "../ledger/settlement.ts";
import { targetText } from "../routing/target.ts";
import type { Attempt, Trail } from "./events.ts";
import type { Offer } from "./offers.ts";

/** How an operation ended. */
export interface Ending {
  /** Absent when it was answered. */
  readonly error?: RiptideError | undefined;
  /** Unix milliseconds. */
  readonly endedMs: number;
  /** From the start of the operation to its first content. */
  readonly firstTokenMs: number | null;
}

interface Admission {
  readonly operation: OperationStart;
  readonly rules: AdmissionRules;
  readonly accepted: Accepted;
  readonly offers: ReadonlyMap<string, Offer>;
}

/** Everything the ledger is to know of an operation that is over; no word of the prompt or the answer is in it. */
export function settlementOf(
  { operation, rules, accepted, offers }: Admission,
  { attempts, skipped }: Trail,
  { error, endedMs, firstTokenMs }: Ending,
): Settlement {
  const quoted = [...offers.keys()];
  return {
    operation,
    outcome: outcomeOf(error?.code),
    code: error?.code ?? null,
    endedMs,
    firstTokenMs: firstTokenMs === null ? null : Math.round(firstTokenMs),
    winner: error ? null : (attempts.at(-1)?.n ?? null),
    attempts: attempts.map((attempt) => lineOf(attempt, offers.get(targetText(attempt))?.endpoint ?? "")),
    decision: {
      order: accepted.chosen.flatMap(({ index }) => quoted[index] ?? []),
      skipped: skipped.map((skip) => ({ target: targetText(skip), reason: skip.reason })),
    },
    budgets: rules.budgets,
    tokensPerMinute: rules.tokensPerMinute ?? null,
  };
}

function outcomeOf(code: ErrorCode | undefined): Settlement["outcome"] {
  if (code === undefined) return "ok";
  return code === "cancelled" ? "cancelled" : "error";
}

function lineOf(attempt: Attempt, endpoint: string): AttemptLine {
  const { n, kind, provider, model, outcome, code, status, ambiguous, charge } = attempt;
  return {
    ...{ n, kind, provider, model, outcome, code, status, ambiguous, charge, endpoint },
    providerRequestId: attempt.providerRequestId,
    trial: attempt.trial,
    effect: attempt.effect,
    holdUntilMs: attempt.holdUntilMs,
    startedMs: attempt.startedMs,
    firstTokenMs: attempt.firstTokenMs,
    endedMs: attempt.endedMs,
  };
}
