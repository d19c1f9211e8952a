import type { Accepted } from "../admission/decide.ts";
import type { AdmissionRules } from "../admission/rules.ts";
import { ERRORS, type ErrorCode, type RiptideError } from "../core/errors.ts";
import type { OperationStart } from "../core/operation.ts";
import type { AttemptLine, Decision, Settlement, Switch } from "../ledger/settlement.ts";
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
  readonly scores?: readonly (number | null)[];
}

/** Everything the ledger is to know of an operation that is over; no word of the prompt or the answer is in it. */
export function settlementOf(
  admission: Admission,
  trail: Trail,
  { error, endedMs, firstTokenMs }: Ending,
): Settlement {
  const { operation, rules, offers } = admission;
  const { attempts } = trail;
  return {
    operation,
    outcome: outcomeOf(error?.code),
    code: error?.code ?? null,
    endedMs,
    firstTokenMs: firstTokenMs === null || !operation.stream ? null : Math.round(firstTokenMs),
    winner: error ? null : (attempts.at(-1)?.n ?? null),
    attempts: attempts.map((attempt) => {
      const line = lineOf(attempt, offers.get(targetText(attempt))?.endpoint ?? "");
      // An answer that came in one piece tells nothing of a first token, and would look slow beside a stream (FB-3).
      return operation.stream ? line : { ...line, firstTokenMs: null };
    }),
    decision: decisionOf(admission, trail, error),
    budgets: rules.budgets,
    tokensPerMinute: rules.tokensPerMinute ?? null,
  };
}

/** Where it went and why; what goes without saying is left out, as there is one for each operation. */
function decisionOf(
  { accepted, offers, scores = [] }: Admission,
  { attempts, skipped }: Trail,
  error: RiptideError | undefined,
): Decision {
  const quoted = [...offers.keys()];
  const { chosen, turn } = accepted;
  const ranks = chosen.map(({ index }) => scores[index] ?? null);
  const failovers = attempts.some(({ kind }) => kind === "continue") ? switchesOf(attempts) : [];
  return {
    order: chosen.flatMap(({ index }) => quoted[index] ?? []),
    skipped: skipped.map(({ reason, error, untilWallMs, ...skip }) => ({
      target: targetText(skip),
      reason,
      code: error.code,
      ...(untilWallMs !== undefined && Number.isFinite(untilWallMs) && { untilMs: untilWallMs }),
    })),
    ...(turn !== undefined && { turn }),
    ...(ranks.some((rank) => rank !== null) && { scores: ranks }),
    ...(failovers.length > 0 && { failovers }),
    ...(error && error.exit !== ERRORS[error.code].exit && { exit: error.exit }),
  };
}

/** Each attempt that took over from the one before it. */
function switchesOf(attempts: readonly Attempt[]): readonly Switch[] {
  return attempts.flatMap((attempt, index): readonly Switch[] => {
    const before = attempts[index - 1];
    if (!before || attempt.kind === "repair") return [];
    const code = before.code ?? "internal";
    const mode = attempt.recovery ?? "before_output";
    return [{ from: targetText(before), to: targetText(attempt), code, mode }];
  });
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
