import { type BreakerEffect, unreachable } from "../core/errors.ts";
import type { HealthState } from "../core/health.ts";

/** What decides when a provider counts as down, and as well again. */
export interface HealthRules {
  /** Failures in a row that make it down. */
  readonly fall: number;
  /** Successes in a row that make it healthy again after it was down. */
  readonly rise: number;
  /** What an attempt is usually given, in milliseconds; first tokens that need most of it are too slow. */
  readonly sliceMs: number;
}

/** What one look at a provider showed (HM-3). `limited` is a 429; `unclear` says nothing of it, such as a 404. */
export type Finding = "success" | "failure" | "refused" | "limited" | "unclear";

/** Something that was seen of a provider: by a probe, or in an attempt that somebody needed. */
export type HealthEvent =
  | { readonly kind: "probe"; readonly finding: Finding }
  | { readonly kind: "attempt"; readonly effect: BreakerEffect };

type Level = Exclude<HealthState, "disabled">;

/** The health of one provider, as a value: what was seen of it so far. */
export interface Health {
  readonly level: Level;
  readonly failuresInRow: number;
  readonly successesInRow: number;
  /** It was down, and has not been healthy since. */
  readonly wasDown: boolean;
  readonly traffic: Traffic;
  /** What was last seen of it, with its traffic. */
  readonly shown: Level;
  /** Times of the changes of the last five minutes. */
  readonly changesMs: readonly number[];
  /** It changed so often that it counts as degraded until it is quiet (HM-6). */
  readonly unsteady: boolean;
}

interface Counts {
  readonly attempts: number;
  readonly successes: number;
}

/** Attempts of the last minute, in all and by the second in which they ended. */
interface Traffic extends Counts {
  readonly seconds: readonly Second[];
}

interface Second extends Counts {
  readonly second: number;
}

const NO_TRAFFIC: Traffic = { attempts: 0, successes: 0, seconds: [] };

export const newHealth: Health = {
  level: "unknown",
  failuresInRow: 0,
  successesInRow: 0,
  wasDown: false,
  traffic: NO_TRAFFIC,
  shown: "unknown",
  changesMs: [],
  unsteady: false,
};

/** For so long attempts count as traffic (HM-4). */
export const TRAFFIC_MS = 60_000;
/** From so many attempts a minute on their share of successes says more than any one of them. */
const BUSY = 10;
/** Failures in a row that are no accident, however many requests there are. */
const BUSY_FALL = 10;
const QUIET_MS = 300_000;
const MAX_CHANGES = 4;

/** The health after one more event; times are milliseconds of one clock. */
export function withEvent(health: Health, event: HealthEvent, nowMs: number, rules: HealthRules): Health {
  const traffic = withAttempt(health.traffic, event, nowMs);
  const isBusy = event.kind === "attempt" && traffic.attempts >= BUSY;
  const moved = { ...afterFinding(health, findingOf(event), { ...rules, isBusy }), traffic };
  const shown = withTraffic(moved.level, traffic);
  const recent = steadied(health, nowMs);
  if (!isChange(health.shown, shown)) return { ...moved, ...recent, shown };
  const changesMs = [...recent.changesMs, nowMs].slice(-MAX_CHANGES);
  return { ...moved, shown, changesMs, unsteady: recent.unsteady || changesMs.length >= MAX_CHANGES };
}

/**
 * How the provider stands now.
 * @param firstTokenP95Ms Of the last minute; undefined where it is not known.
 */
export function stateOf(
  health: Health,
  nowMs: number,
  { sliceMs, firstTokenP95Ms }: { readonly sliceMs: number; readonly firstTokenP95Ms?: number | undefined },
): HealthState {
  const shown = withTraffic(health.level, recentTraffic(health.traffic, nowMs));
  const isSlow = firstTokenP95Ms !== undefined && firstTokenP95Ms > 0.8 * sliceMs;
  const isDoubtful = isSlow || steadied(health, nowMs).unsteady;
  return isDoubtful && (shown === "healthy" || shown === "unknown") ? "degraded" : shown;
}

function findingOf(event: HealthEvent): Finding {
  if (event.kind === "probe") return event.finding;
  return event.effect === "ignored" ? "limited" : event.effect;
}

interface FindingRules extends HealthRules {
  readonly isBusy: boolean;
}

function afterFinding(health: Health, finding: Finding, rules: FindingRules): Health {
  switch (finding) {
    case "limited":
      return health;
    case "unclear":
      return { ...health, ...FRESH, level: "unknown" };
    case "refused":
      return { ...health, ...FRESH, level: "misconfigured" };
    case "success":
      return afterSuccess(health, rules);
    case "failure":
      return afterFailure(health, rules);
    default:
      return unreachable(finding);
  }
}

const FRESH = { failuresInRow: 0, successesInRow: 0, wasDown: false } as const;

function afterSuccess(health: Health, { rise }: FindingRules): Health {
  const successesInRow = health.successesInRow + 1;
  const wasDown = health.wasDown && successesInRow < rise;
  return { ...health, level: wasDown ? "degraded" : "healthy", failuresInRow: 0, successesInRow, wasDown };
}

/** Where there is much traffic a single failure says nothing: then the share of successes decides. */
function afterFailure(health: Health, { fall, isBusy }: FindingRules): Health {
  const failuresInRow = health.failuresInRow + 1;
  const failed = { ...health, failuresInRow, successesInRow: 0 };
  if (failuresInRow >= (isBusy ? Math.max(fall, BUSY_FALL) : fall)) {
    return { ...failed, level: "down", wasDown: true };
  }
  const keeps = isBusy || health.level === "misconfigured";
  return keeps ? failed : { ...failed, level: "degraded" };
}

const withTraffic = (level: Level, { attempts, successes }: Traffic): Level => {
  const failsOften = attempts >= BUSY && 10 * successes < 9 * attempts;
  return failsOften && (level === "healthy" || level === "unknown") ? "degraded" : level;
};

function recentTraffic(traffic: Traffic, nowMs: number): Traffic {
  const isRecent = ({ second }: Second) => second * 1_000 > nowMs - TRAFFIC_MS;
  const [oldest] = traffic.seconds;
  if (!oldest || isRecent(oldest)) return traffic;
  const seconds = traffic.seconds.filter(isRecent);
  const sum = (count: (second: Second) => number) => seconds.reduce((all, second) => all + count(second), 0);
  return { seconds, attempts: sum(({ attempts }) => attempts), successes: sum(({ successes }) => successes) };
}

function withAttempt(traffic: Traffic, event: HealthEvent, nowMs: number): Traffic {
  const recent = recentTraffic(traffic, nowMs);
  if (event.kind !== "attempt" || event.effect === "ignored") return recent;
  const second = Math.floor(nowMs / 1_000);
  const { seconds } = recent;
  const last = seconds.at(-1);
  const success = event.effect === "success" ? 1 : 0;
  return {
    seconds:
      last?.second === second
        ? seconds.with(-1, { second, attempts: last.attempts + 1, successes: last.successes + success })
        : seconds.concat({ second, attempts: 1, successes: success }),
    attempts: recent.attempts + 1,
    successes: recent.successes + success,
  };
}

/** The changes that still count, and whether it is still unsteady. */
function steadied({ changesMs, unsteady }: Health, nowMs: number): Pick<Health, "changesMs" | "unsteady"> {
  const recent = changesMs.filter((atMs) => nowMs - atMs < QUIET_MS);
  return { changesMs: recent, unsteady: unsteady && recent.length > 0 };
}

/** Only what the provider does is a change; to learn something of it for the first time is none. */
const isChange = (from: Level, to: Level): boolean => from !== to && WAVERS.has(from) && WAVERS.has(to);

const WAVERS: ReadonlySet<Level> = new Set(["healthy", "degraded", "down"]);
