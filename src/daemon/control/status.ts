import type { Config } from "../../config/config.ts";
import { formatTime } from "../../core/clock.ts";
import type { JsonObject } from "../../core/json.ts";
import type { HealthReport } from "../../health/report.ts";
import { toSnake } from "../../output/json.ts";
import type { Control } from "./control.ts";
import type { Handler } from "./control-route.ts";
import { PROTOCOL } from "./hello.ts";

const BYTES_PER_MB = 1_048_576;

/** `GET /riptide/v1/status` */
export const status: Handler = async (_exchange, control) => ({
  document: await statusNow(control),
});

/** `riptide.daemon/1` of this moment. */
export const statusNow = async (control: Control): Promise<JsonObject> =>
  statusDocument(control, await control.health.report(), await problemsOf(control));

/** What is wrong with this daemon beside its configuration; one line each. */
export async function problemsOf({ problems, ledgerProblem }: Control): Promise<readonly string[]> {
  const error = await ledgerProblem();
  const ledger = error && [error.message, ...(error.facts.reasons ?? [])].join(": ");
  return [...(problems?.() ?? []), ...(ledger ? [ledger] : [])];
}

/** `riptide.daemon/1` */
export function statusDocument(
  control: Control,
  { summary }: Pick<HealthReport, "summary">,
  problems: readonly string[],
): JsonObject {
  const { daemon, reloader, variable, supervisor } = control;
  const { place, clock, generations, gate, version } = daemon;
  const { generation, number, loadedMs } = generations.current();
  const { config } = generation;
  const { state, lastError, revisions } = reloader.status();
  const nowMs = clock.wall();
  const document = toSnake({
    schema: "riptide.daemon/1",
    state: gate.isDraining() ? "draining" : "running",
    ...{ pid: place.pid, version, protocol: PROTOCOL },
    clientVersion: null,
    skew: "none",
    ...{ socket: place.socket, stateDir: place.stateDir },
    startedAt: formatTime(place.startedMs),
    uptimeMs: Math.max(0, Math.round(nowMs - place.startedMs)),
    config: {
      ...{ path: config.path, revision: config.revision, generation: number, state },
      loadedAt: formatTime(loadedMs),
      lastError: lastError && {
        at: formatTime(lastError.atMs),
        code: lastError.code,
        message: lastError.message,
        problems: lastError.problems,
      },
    },
    revisions: revisions.map((each) => ({
      revision: each.revision,
      generation: each.generation,
      loadedAt: formatTime(each.loadedMs),
    })),
    ...{ inFlight: gate.inFlight(), queued: gate.waiting() },
    providers: {
      healthy: summary.healthy,
      degraded: summary.degraded,
      down: summary.down,
      misconfigured: summary.misconfigured,
      unknown: summary.unknown,
      disabled: summary.disabled,
    },
    envMissing: missingVariables(config, variable),
    memoryMb: Math.round(process.memoryUsage.rss() / BYTES_PER_MB),
    supervisor,
    problems,
  });
  return document as JsonObject; // `toSnake` makes an object of an object.
}

/** Variables that enabled providers take a secret from, and that the daemon does not have. */
function missingVariables(
  { providers }: Pick<Config, "providers">,
  variable: (name: string) => string | undefined,
): readonly string[] {
  const used = providers.filter(({ enabled, implicit }) => enabled && !implicit);
  const named = used.flatMap(({ options, headers }) => [...variablesIn(options), ...variablesIn(headers)]);
  return [...new Set(named)].filter((name) => !variable(name)).toSorted();
}

/** The names of the variables that secrets inside a value come from. */
function variablesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("kind" in value && value.kind === "secret") {
    if ("name" in value) return [String(value.name)];
    // `${NAME:-…}` has something to fall back on.
    return "text" in value ? [...String(value.text).matchAll(VARIABLE)].map(([, name]) => name ?? "") : [];
  }
  return Object.values(value).flatMap(variablesIn);
}

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;
