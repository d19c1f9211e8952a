import type { Clock } from "../core/clock.ts";
import { asRiptideError } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";
import type { BreakerBoard } from "../resilience/board.ts";
import { foldOutcomes, outcomeWindowMs } from "../resilience/fold.ts";
import type { CircuitHistory, CircuitMark, HoldRow, OutcomeRow } from "../resilience/history.ts";
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

/** What a guard has brought in so far. */
interface Recalled {
  /** The endpoint whose rows a breaker was folded from, by the breaker's key. */
  readonly folded: Map<string, string>;
  /** The endpoint whose holds are kept, by provider. */
  readonly heldFor: Map<string, string>;
  /** What of an operator's marks was carried out, by the breaker's key. */
  readonly applied: Map<string, AppliedMarks>;
  /** When an operator's reset last cleared the holds, by provider. */
  readonly cleared: Map<string, number>;
}

/** Brings what the ledger remembers into a guard: an endpoint's rows once, an operator's marks again and again. */
export function createRecall(parts: RecallParts): Guard["refresh"] {
  const { clock } = parts;
  const recalled: Recalled = {
    folded: new Map(),
    heldFor: new Map(),
    applied: new Map(),
    cleared: new Map(),
  };
  const lookedAtMs = new Map<OperationClass, number>();
  const recall: Guard["refresh"] = async (candidates, kind, { atOnce = false } = {}) => {
    const fresh = candidates.filter(
      (candidate, index) =>
        recalled.folded.get(breakerKey(candidate.provider, kind)) !== candidate.loaded.endpoint &&
        candidates.findIndex(({ provider }) => provider === candidate.provider) === index,
    );
    const nowMs = clock.now();
    const isKnown = !atOnce && fresh.length === 0;
    if (isKnown && nowMs - (lookedAtMs.get(kind) ?? LONG_AGO) < MARKS_EVERY_MS) return;
    lookedAtMs.set(kind, nowMs);
    const found = await read(parts, fresh);
    if (!found) return;
    const moment = { nowMs: clock.now(), at: (wallMs: number) => clock.now() - (clock.wall() - wallMs) };
    const recalling: Recalling = { ...parts, ...moment, ...found, recalled };
    for (const candidate of fresh) recallEndpoint(candidate, kind, recalling);
    for (const { provider } of candidates) applyMarks(provider, kind, recalling);
  };
  // Who comes while another one reads waits for what it finds.
  let last: Promise<unknown> = Promise.resolve();
  return (candidates, kind, ask) => {
    const next = last.then(() => recall(candidates, kind, ask));
    last = next.catch(() => undefined);
    return next;
  };
}

/** What the ledger says of endpoints, and of every provider. */
interface Found {
  readonly rows: readonly OutcomeRow[];
  readonly held: readonly HoldRow[];
  readonly marks: readonly CircuitMark[];
}

/** A ledger that cannot be read says nothing; that it is not there is for admission to tell (LG-11). */
async function read(
  { history, clock }: RecallParts,
  fresh: readonly Candidate[],
): Promise<Found | undefined> {
  try {
    const found = await history();
    if (!found) return undefined;
    if (fresh.length === 0) return { rows: [], held: [], marks: found.marks() };
    const windows = fresh.map(({ loaded }) => outcomeWindowMs(loaded.entry.circuitBreaker));
    const wallMs = clock.wall();
    return {
      rows: found.outcomes(wallMs - Math.max(...windows)),
      held: found.holds(wallMs),
      marks: found.marks(),
    };
  } catch (thrown) {
    if (asRiptideError(thrown).code !== "ledger_unavailable") throw thrown;
    return undefined;
  }
}

interface Recalling extends Found, Pick<RecallParts, "board" | "holds"> {
  readonly nowMs: number;
  /** A calendar time on the monotonic clock. */
  at(wallMs: number): number;
  readonly recalled: Recalled;
}

/** Folds an endpoint's rows. One that takes the place of another starts with nothing of the other's (CB-11). */
function recallEndpoint(
  { provider, loaded: { endpoint, entry } }: Candidate,
  kind: OperationClass,
  { rows, held, marks, board, holds, recalled, nowMs, at }: Recalling,
): void {
  const key = breakerKey(provider, kind);
  const sinceMs = resetOf(provider, marks);
  const own = rows.filter((row) => row.endpoint === endpoint && row.endedMs > sinceMs);
  const ofKind = own.filter((row) => row.class === kind);
  board.restore(key, foldOutcomes(ofKind, entry.circuitBreaker, { nowMs, at }), nowMs);
  recalled.folded.set(key, endpoint);
  // A trip that is still in force is one of the provider, whichever endpoint it has now.
  recalled.applied.delete(key);
  const before = recalled.heldFor.get(provider);
  if (before === endpoint) return;
  recalled.heldFor.set(provider, endpoint);
  if (before !== undefined) holds.clear(provider);
  holds.restoreStrikes(provider, strikesOf(own));
  for (const hold of held) {
    if (hold.endpoint !== endpoint || hold.endedMs <= sinceMs) continue;
    holds.restore({ provider, model: hold.model, code: hold.code, untilMs: at(hold.untilMs) });
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
  provider: string,
  kind: OperationClass,
  { marks, board, holds, recalled, nowMs, at }: Recalling,
): void {
  const key = breakerKey(provider, kind);
  const find = (sought: CircuitMark["kind"]) =>
    marks.find((mark) => mark.kind === sought && mark.provider === provider);
  const [reset, trip, force] = [find("reset"), find("trip"), find("force")];
  const resetAtMs = reset?.atMs ?? LONG_AGO;
  // What was reset before this process began was left out of its rows.
  const before = recalled.applied.get(key) ?? { resetAtMs, tripAtMs: LONG_AGO };
  if (resetAtMs > before.resetAtMs) board.reset(key, nowMs);
  // Holds are the provider's, whichever class of its operations is looked at first.
  if (resetAtMs > (recalled.cleared.get(provider) ?? resetAtMs)) holds.clear(provider);
  recalled.cleared.set(provider, resetAtMs);
  if (trip && trip.atMs > before.tripAtMs) board.trip(key, nowMs, at(trip.untilMs ?? trip.atMs));
  board.force(key, force?.state ?? null, endOf(force, at), nowMs);
  recalled.applied.set(key, {
    resetAtMs: Math.max(resetAtMs, before.resetAtMs),
    tripAtMs: trip?.atMs ?? before.tripAtMs,
  });
}

const endOf = (mark: CircuitMark | undefined, at: Recalling["at"]): number | null =>
  mark === undefined || mark.untilMs === null ? null : at(mark.untilMs);
