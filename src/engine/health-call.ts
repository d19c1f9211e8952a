import type { ProviderEntry } from "../config/config.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, type RiptideError, unreachable } from "../core/errors.ts";
import { notRun } from "../health/checks.ts";
import type { HealthCheck } from "../health/report.ts";
import type { Engine } from "./engine.ts";
import type { LoadedProvider } from "./generation.ts";
import type { HealthAsk } from "./health-check.ts";
import { findingOf, gaveUp } from "./health-error.ts";
import { type Probe, probe } from "./probe.ts";

/** What the free call to a provider showed. */
export interface FreeCall {
  readonly checks: readonly HealthCheck[];
  readonly modelsFound: number | null;
}

/** One call shows whether a provider is reached and whether it takes the key: who refuses a key has been reached. */
export async function checkCall(loaded: LoadedProvider, engine: Engine, ask: HealthAsk): Promise<FreeCall> {
  const { entry } = loaded;
  if (entry.health.probe !== "free") return { checks: only(ask, notFree(entry, ask)), modelsFound: null };
  const tried = await tryCall(loaded, engine, ask);
  const levels = tried.probed
    ? answered(tried, { probed: tried.probed, hasKey: hasKey(loaded), ask })
    : unanswered(tried, entry);
  return { checks: only(ask, levels), modelsFound: tried.probed?.models ?? null };
}

type Levels = readonly [reach: HealthCheck, auth: HealthCheck];

const only = ({ level }: HealthAsk, levels: Levels): readonly HealthCheck[] =>
  level === "reach" ? levels.slice(0, 1) : levels;

/** A completion asked for in its place stands for both levels. */
function notFree({ health }: ProviderEntry, { level }: HealthAsk): Levels {
  if (health.probe === "completion" && level === "deep") {
    return [notRun("reach", { status: "skip" }), notRun("auth", { status: "skip" })];
  }
  const message =
    health.probe === "off" ? "switched off by health.probe" : "health.probe allows a completion only: --deep";
  return [notRun("reach", { message }), notRun("auth", { message })];
}

/** Whether the entry has credentials that a call could prove. */
const hasKey = ({ entry, authorised }: LoadedProvider): boolean =>
  authorised || Object.values(entry.options).some(isSecret);

const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "secret";

interface Tried {
  readonly attempts: number;
  /** Of the last attempt. */
  readonly ms: number;
  readonly probed?: Probe;
  readonly error?: RiptideError;
  /** The whole look ended first. */
  readonly wasCut?: boolean;
}

/** Before another try; long enough for a connection that was just being closed. */
const PAUSE_MS = 100;

async function tryCall(loaded: LoadedProvider, engine: Engine, ask: HealthAsk): Promise<Tried> {
  const { clock } = engine;
  const { signal, probeTimeoutMs: timeoutMs, retries } = ask;
  const model = loaded.entry.health.model ?? loaded.entry.defaultModel;
  for (let attempts = 1; ; attempts += 1) {
    const startedAt = clock.now();
    const ms = () => Math.round(clock.now() - startedAt);
    try {
      const probed = await probe(loaded, { clock, signal, timeoutMs, model });
      return { attempts, ms: ms(), probed };
    } catch (thrown) {
      const error = asRiptideError(thrown);
      if (gaveUp(signal)) return { attempts, ms: ms(), error, wasCut: true };
      if (attempts > retries || findingOf(error) !== "failure") return { attempts, ms: ms(), error };
    }
    await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
  }
}

function answered(
  { attempts, ms }: Tried,
  { probed, hasKey, ask }: { readonly probed: Probe; readonly hasKey: boolean; readonly ask: HealthAsk },
): Levels {
  const { timings, models, detail } = probed;
  const doubt = doubtOf(attempts, ms, ask);
  const reached: HealthCheck = {
    ...notRun("reach", { status: "pass", attempts }),
    ms: Math.round(timings.tlsMs ?? timings.connectMs ?? timings.firstByteMs),
  };
  const whole = {
    status: doubt ? "warn" : "pass",
    ms,
    attempts,
    message: doubt ?? countOf(models) ?? detail,
  } as const;
  if (!hasKey)
    return [notRun("reach", whole), notRun("auth", { status: "skip", message: "no key is needed" })];
  return [ask.level === "reach" ? notRun("reach", whole) : reached, notRun("auth", whole)];
}

const countOf = (models: number | null): string | undefined =>
  models === null ? undefined : `${models} ${models === 1 ? "model" : "models"}`;

function doubtOf(attempts: number, ms: number, { maxLatencyMs }: HealthAsk): string | undefined {
  if (attempts > 1) return `answered at the ${attempts === 2 ? "second" : `${attempts}th`} try`;
  if (maxLatencyMs === undefined || ms <= maxLatencyMs) return undefined;
  return `slower than ${formatDuration(maxLatencyMs)}`;
}

function unanswered({ attempts, ms, error, wasCut }: Tried, { id }: ProviderEntry): Levels {
  if (!error) return [notRun("reach"), notRun("auth")];
  const { code, message, facts } = error;
  if (wasCut) return [notRun("reach", { attempts, code, message }), notRun("auth")];
  const said = { ms, attempts, code, message };
  const reached = notRun("reach", { status: "pass", ms, attempts });
  const remedy = (own: string) => ({ remediation: facts.hint ?? own });
  const finding = findingOf(error);
  switch (finding) {
    case "refused":
      return [
        reached,
        notRun("auth", { status: "fail", ...said, ...remedy(`riptide providers show ${id}`) }),
      ];
    case "limited":
      return [
        reached,
        notRun("auth", {
          ...said,
          ...(facts.retryAfterMs !== undefined && { retryAfterMs: facts.retryAfterMs }),
          ...remedy("look again later: the rate limit says nothing"),
        }),
      ];
    case "unclear":
      return [
        notRun("reach", { ...said, ...remedy(`check its address: riptide providers show ${id}`) }),
        notRun("auth"),
      ];
    case "failure":
      return [
        notRun("reach", { status: "fail", ...said, ...remedy(`riptide providers test ${id}`) }),
        notRun("auth"),
      ];
    default:
      return unreachable(finding);
  }
}
