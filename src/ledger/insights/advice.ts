import type { ErrorCode } from "../../core/errors.ts";
import { isProviderFault } from "../fault.ts";
import type { Loss } from "../stats-facts.ts";
import type { AliasSettings, InsightFacts, Settings } from "./facts.ts";
import { shellWord, yamlName } from "./figures.ts";

type Lost = Pick<Loss, "tenant" | "alias" | "provider" | "code" | "outcome">;

/** What acts on the reason for which an attempt was lost, and is not so already: YAML, else a command that shows more. */
export function adviceFor(lost: Lost, { settings, since }: Pick<InsightFacts, "since" | "settings">): string {
  if (lost.outcome === "cancelled") {
    return settings.drainsCancelled
      ? "failover:\n  on_cancel: abort\n"
      : `riptide costs --tenant ${shellWord(lost.tenant)} --since ${since} --by outcome,day`;
  }
  const known = settings.aliasOf(lost.alias);
  const change = known && changeOf(lost.code, known, settings);
  if (change) return aliasYaml([lost.alias], change);
  if (isOverTime(lost.code)) {
    return settings.isPresetBelowRelaxed && known?.completionMs === undefined
      ? "timeouts:\n  preset: relaxed\n"
      : lookAtProvider(lost.provider);
  }
  // Nothing that providers are chosen by tells of a request that is wrong, or of an answer that is not wanted.
  return isProviderFault(lost.code)
    ? lookAtProvider(lost.provider)
    : `riptide costs export --kind attempts --tenant ${shellWord(lost.tenant)} --since ${since} -o jsonl`;
}

/** The line of an alias that acts on a reason; undefined where none does, or it is there already. */
function changeOf(code: Loss["code"], known: AliasSettings, settings: Settings): string | undefined {
  if (isOverTime(code)) return moreTime(settings, known);
  if (isCut(code) && !known.recoversStreams) return "stream_recovery: continue";
  return isProviderFault(code) && canPrefer(known) ? HEALTH_BASED : undefined;
}

const lookAtProvider = (provider: string): string => `riptide health ${shellWord(provider)} --deep`;

const isCut = (code: ErrorCode | null): boolean => code === "stream_interrupted" || code === "stream_idle";
const isOverTime = (code: ErrorCode | null): boolean =>
  code === "attempt_timeout" || code === "deadline_exceeded";

/** An alias with a limit of its own, or under one that is no preset's, is given twice as long, as far as that is allowed. */
function moreTime(settings: Settings, known: AliasSettings): string | undefined {
  if (known.completionMs === undefined && settings.isPresetBelowRelaxed) return undefined;
  const ms = 2 * (known.completionMs ?? settings.completionMs);
  if (ms > settings.maxMs) return undefined;
  return `timeouts: { completion: ${ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`} }`;
}

/** What turns away from a provider that fails: for each of these aliases that has somewhere else to turn to. */
export function adviceAgainst(provider: string, { aliases, aliasOf }: Settings): string {
  const turning = aliases.filter((alias) => {
    const known = aliasOf(alias);
    return canPrefer(known) && known?.targets.some((target) => target.startsWith(`${provider}/`));
  });
  return turning.length > 0 ? aliasYaml(turning, HEALTH_BASED) : lookAtProvider(provider);
}

const HEALTH_BASED = "strategy: health-based";

const canPrefer = (known: AliasSettings | undefined): boolean =>
  known !== undefined && known.strategy !== "health-based" && known.targets.length > 1;

const aliasYaml = (aliases: readonly string[], line: string): string =>
  `models:\n${aliases.map((alias) => `  ${yamlName(alias)}:\n    ${line}\n`).join("")}`;
