import type { Clock } from "../core/clock.ts";
import type { OperationClass } from "../core/operation.ts";
import type { BreakerBoard } from "../resilience/board.ts";
import { foldOutcomes, outcomeWindowMs } from "../resilience/fold.ts";
import type { CircuitHistory, CircuitMark, OutcomeRow } from "../resilience/history.ts";
import type { Holds } from "../resilience/holds.ts";
import type { Candidate } from "./candidates.ts";
import { breakerKey, type Guard } from "./guard.ts";

/** Marks of an operator are looked for this often (CB-10). */
const MARKS_EVERY_MS = 1_000;

interface RecallParts {
  readonly clock: Clock;
  readonly board: BreakerBoard;
  readonly holds: Holds;
  history(): Promise<CircuitHistory | undefined>;
}

/** Brings what the ledger remembers into a guard: an endpoint's rows once, an operator's marks again and again. */
export function createRecall({ clock, board, holds, history }: RecallParts): Guard["refresh"] {
  /** The endpoint whose rows a breaker was folded from. */
  const known = new Map<string, string>();
  const applied = new Map<string, AppliedMarks>();
  const lookedAtMs = new Map<OperationClass, number>();
  const recall: Guard["refresh"] = async (candidates, kind) => {
    const fresh = candidates.filter(
      (candidate, index) =>
        known.get(breakerKey(candidate.provider, kind)) !== candidate.loaded.endpoint &&
        candidates.findIndex(({ provider }) => provider === candidate.provider) === index,
    );
    const nowMs = clock.now();
    if (fresh.length === 0 && nowMs - (lookedAtMs.get(kind) ?? LONG_AGO) < MARKS_EVERY_MS) return;
    lookedAtMs.set(kind, nowMs);
    for (const candidate of fresh) known.set(breakerKey(candidate.provider, kind), candidate.loaded.endpoint);
    const found = await history();
    if (!found) return;
    const marks = found.marks();
    const moment = { nowMs: clock.now(), at: (wallMs: number) => clock.now() - (clock.wall() - wallMs) };
    recallOutcomes(fresh, kind, { found, marks, board, holds, clock, ...moment });
    for (const { provider } of candidates) {
      const key = breakerKey(provider, kind);
      // What was reset before this process began was left out of its rows.
      const before = applied.get(key) ?? { resetAtMs: resetOf(provider, marks), tripAtMs: LONG_AGO };
      applied.set(key, applyMarks({ provider, key }, marks, before, { board, holds, ...moment }));
    }
  };
  // Who comes while another one reads waits for what it finds.
  let last: Promise<unknown> = Promise.resolve();
  return (candidates, kind) => {
    const next = last.then(() => recall(candidates, kind));
    last = next.catch(() => undefined);
    return next;
  };
}

interface Moment {
  readonly nowMs: number;
  /** A calendar time on the monotonic clock. */
  at(wallMs: number): number;
}

interface Recalling extends Moment, Pick<RecallParts, "board" | "holds" | "clock"> {
  readonly found: CircuitHistory;
  readonly marks: readonly CircuitMark[];
}

function recallOutcomes(
  candidates: readonly Candidate[],
  kind: OperationClass,
  { found, marks, board, holds, clock, nowMs, at }: Recalling,
): void {
  if (candidates.length === 0) return;
  const windows = candidates.map(({ loaded }) => outcomeWindowMs(loaded.entry.circuitBreaker));
  const rows = found.outcomes(clock.wall() - Math.max(...windows));
  const held = found.holds(clock.wall());
  for (const { provider, loaded } of candidates) {
    const { endpoint, entry } = loaded;
    const sinceMs = resetOf(provider, marks);
    const own = rows.filter((row) => row.endpoint === endpoint && row.endedMs > sinceMs);
    const ofKind = own.filter((row) => row.class === kind);
    board.restore(breakerKey(provider, kind), foldOutcomes(ofKind, entry.circuitBreaker, { nowMs, at }));
    holds.restoreStrikes(provider, strikesOf(own));
    for (const hold of held) {
      if (hold.endpoint !== endpoint || hold.endedMs <= sinceMs) continue;
      holds.restore({ provider, model: hold.model, code: hold.code, untilMs: at(hold.untilMs) });
    }
  }
}

const resetOf = (provider: string, marks: readonly CircuitMark[]): number =>
  marks.find((mark) => mark.kind === "reset" && mark.provider === provider)?.atMs ?? LONG_AGO;

/** Refusals for rate since the last answer. */
const strikesOf = (rows: readonly OutcomeRow[]): number =>
  rows.reduce(
    (count, { effect, rateLimited }) => (effect === "success" ? 0 : count + (rateLimited ? 1 : 0)),
    0,
  );

/** What of an operator's marks this process has carried out. */
interface AppliedMarks {
  readonly resetAtMs: number;
  readonly tripAtMs: number;
}

const LONG_AGO = Number.NEGATIVE_INFINITY;

function applyMarks(
  { provider, key }: { readonly provider: string; readonly key: string },
  marks: readonly CircuitMark[],
  before: AppliedMarks,
  { board, holds, nowMs, at }: Moment & Pick<RecallParts, "board" | "holds">,
): AppliedMarks {
  const find = (kind: CircuitMark["kind"]) =>
    marks.find((mark) => mark.kind === kind && mark.provider === provider);
  const [reset, trip, force] = [find("reset"), find("trip"), find("force")];
  if (reset && reset.atMs > before.resetAtMs) {
    board.reset(key, nowMs);
    holds.clear(provider);
  }
  if (trip && trip.atMs > before.tripAtMs) board.trip(key, nowMs, at(trip.untilMs ?? trip.atMs));
  board.force(key, force?.state ?? null, endOf(force, at), nowMs);
  return { resetAtMs: reset?.atMs ?? before.resetAtMs, tripAtMs: trip?.atMs ?? before.tripAtMs };
}

const endOf = (mark: CircuitMark | undefined, at: Moment["at"]): number | null =>
  mark === undefined || mark.untilMs === null ? null : at(mark.untilMs);
