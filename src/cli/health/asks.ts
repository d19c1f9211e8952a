import type { Config, ProviderEntry } from "../../config/config.ts";
import { formatDuration, parseDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import { HEALTH_LEVELS, type HealthLevel, type HealthPolicy } from "../../health/report.ts";
import { REPORTERS, type Reporter } from "../../output/health.ts";
import type { Call } from "../command.ts";
import { providerNamed } from "../providers.ts";
import { durationOf, integerOf, listOf, maxCostOf, oneOf, timeoutOf, wordOf } from "../values.ts";

/** What a call of `riptide health` asks for, the providers aside. */
export interface HealthAsks {
  readonly level: HealthLevel;
  /** Absent: what the configuration says. */
  readonly probeTimeoutMs: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly maxLatencyMs: number | undefined;
  readonly maxCostNano: number;
  readonly policy: HealthPolicy;
  readonly failOnDegraded: boolean;
  readonly reporter: Reporter;
  readonly files: readonly ReportFile[];
  /** From one look to the next; undefined for a single one. */
  readonly watchMs: number | undefined;
}

/** A report that is written to a file, as the call names it. */
export interface ReportFile {
  readonly reporter: Reporter;
  readonly path: string;
}

/** A look that is repeated. */
export interface Watching {
  readonly asks: HealthAsks;
  readonly entries: readonly ProviderEntry[];
  readonly everyMs: number;
}

const ONE_CENT_NANO = 10_000_000;
const MAX_RETRIES = 10;
const WATCH_MS = 5_000;

/** Reads the flags. @throws RiptideError `usage` */
export function healthAsks(call: Call): HealthAsks {
  const { given, format } = call;
  const level = given.has("deep") ? "deep" : (wordOf(given, "level", HEALTH_LEVELS) ?? "auth");
  const reporter = wordOf(given, "reporter", REPORTERS) ?? (format === "json" ? "json" : "text");
  const watchMs = watchOf(call);
  if (watchMs !== undefined && level === "deep") {
    throw new RiptideError("usage", "--watch does not go with --level deep, which is billed each time");
  }
  if (watchMs !== undefined && reporter !== "text" && reporter !== "json") {
    throw new RiptideError("usage", `--watch prints text or json, not ${reporter}`, {
      hint: `riptide health --watch --report ${reporter}=PATH   (written anew each time)`,
    });
  }
  return {
    level,
    probeTimeoutMs: durationOf(given, "probe-timeout"),
    timeoutMs: timeoutOf(call),
    retries: integerOf(given, "retries", { min: 0, max: MAX_RETRIES }) ?? 0,
    maxLatencyMs: durationOf(given, "max-latency"),
    maxCostNano: maxCostOf(call) ?? ONE_CENT_NANO,
    policy: policyOf(call),
    failOnDegraded: given.has("fail-on"),
    reporter,
    files: given.values("report").map(reportFile),
    watchMs,
  };
}

function watchOf({ given }: Call): number | undefined {
  const text = given.value("watch");
  if (text === undefined || text === "") return text === "" ? WATCH_MS : undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1_000) return ms;
  throw new RiptideError("usage", `--watch wants a duration from 1s on, such as 5s or 1m, not "${text}"`);
}

function policyOf({ given }: Call): HealthPolicy {
  const required = given.value("require");
  if (required !== undefined) {
    const value = listOf(required);
    if (value.length > 0) return { mode: "require", value };
    throw new RiptideError("usage", "--require wants names of providers, with commas between them");
  }
  const least = integerOf(given, "min-healthy", { min: 1, max: 1_000 });
  if (least !== undefined) return { mode: "min_healthy", value: least };
  return given.has("any") ? { mode: "any", value: null } : { mode: "all", value: null };
}

function reportFile(text: string): ReportFile {
  const [, word, path] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  const reporter = oneOf(word, REPORTERS, "--report");
  if (reporter !== undefined && path !== undefined) return { reporter, path };
  throw new RiptideError(
    "usage",
    `--report wants a format and a path, such as junit=health.xml, not "${text}"`,
  );
}

/**
 * The providers of a look, in the order of the configuration.
 * @throws RiptideError `usage` for an unknown one, `no_providers` where there is none that is switched on.
 */
export function askedEntries(
  { given }: Call,
  config: Config,
  policy: HealthPolicy,
): readonly ProviderEntry[] {
  const named = new Set(given.words.map((name) => providerNamed(name, config).id));
  const entries = config.providers.filter(({ id, implicit }) => (named.size > 0 ? named.has(id) : !implicit));
  for (const name of policy.mode === "require" ? policy.value : []) {
    if (entries.includes(providerNamed(name, config))) continue;
    throw new RiptideError("usage", `--require names ${name}, which is not looked at`, {
      hint: `riptide health ${[...named, name].join(" ")} --require ${name}`,
    });
  }
  if (entries.some(({ enabled }) => enabled)) return entries;
  throw new RiptideError("no_providers", "no provider to look at is enabled", {
    reasons: [`disabled: ${entries.map(({ id }) => id).join(", ")}`],
    hint: "set enabled: true in providers.yaml",
  });
}

/** No call may take longer than the configuration allows any. @throws RiptideError `usage` */
export function checkLimits({ timeoutMs, probeTimeoutMs }: HealthAsks, { timeouts }: Config): void {
  const longest = Math.max(timeoutMs ?? 0, probeTimeoutMs ?? 0);
  if (longest <= timeouts.maxMs) return;
  throw new RiptideError(
    "usage",
    `a timeout of ${formatDuration(longest)} is over the ceiling of ${formatDuration(timeouts.maxMs)}`,
    { hint: "raise timeouts.max in providers.yaml" },
  );
}
