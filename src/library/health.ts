import { formatTime } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import type { ProbeRow } from "../core/sample.ts";
import type { Engine } from "../engine/engine.ts";
import { checkProviders } from "../engine/health-run.ts";
import { reportOf } from "../health/policy.ts";
import type { HealthLevel, HealthReport } from "../health/report.ts";
import { nanoOf } from "./asks.ts";
import { newRequestId } from "./engine.ts";

/** How providers are looked at. */
export interface HealthAsk {
  /** `config` sends nothing, `reach` and `auth` (unless given) are free, `deep` asks for a few tokens. */
  readonly level?: HealthLevel;
  /** Only these; all that were loaded unless given. */
  readonly providers?: readonly string[];
  /** Of each call; `timeouts.health` unless given. */
  readonly probeTimeoutMs?: number;
  /** Of the whole look. */
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** The most one deep probe may cost, in dollars; one cent unless given. */
  readonly maxCostUsd?: number;
  readonly signal?: AbortSignal;
}

const ONE_CENT_USD = 0.01;

interface Look extends Omit<HealthAsk, "signal"> {
  /** Whom the client asks, which are looked at also where no file names them. */
  readonly named: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** Looks at the providers, and judges that all should be well. */
export async function lookAt(
  engine: Engine,
  look: Look,
): Promise<{ readonly report: HealthReport; readonly rows: readonly ProbeRow[] }> {
  const { clock } = engine;
  const { config } = engine.generation;
  const { level = "auth", probeTimeoutMs = config.timeouts.healthMs, retries = 0 } = look;
  const { checked } = await checkProviders(entriesOf(engine, look), engine, {
    ...{ level, probeTimeoutMs, retries, maxLatencyMs: undefined, timeoutMs: look.timeoutMs },
    maxCostNano: nanoOf(look.maxCostUsd ?? ONE_CENT_USD, "maxCostUsd"),
    newId: () => newRequestId(clock),
    signal: look.signal,
  });
  const policy = { mode: "all", value: null } as const;
  const checkedAt = formatTime(clock.wall());
  return {
    report: reportOf(
      checked.map(({ health }) => health),
      { policy, via: "in-process", checkedAt },
    ),
    rows: checked.flatMap(({ row }) => row ?? []),
  };
}

function entriesOf({ generation }: Engine, { providers, named = [] }: Look) {
  const { providers: all } = generation.config;
  if (!providers) return all.filter(({ id, implicit }) => !implicit || named.includes(id));
  const unknown = providers.find((name) => !all.some(({ id }) => id === name));
  if (unknown === undefined) return all.filter(({ id }) => providers.includes(id));
  const known = all.map(({ id }) => id).join(", ");
  throw new RiptideError("usage", `unknown provider "${unknown}"`, { reasons: [`known: ${known}`] });
}
