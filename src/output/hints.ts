import type { ErrorCode, RiptideError } from "../core/errors.ts";

/** What to do about an error that does not say so itself. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  quota_exhausted: "top up the account, or ask another provider with -P",
  model_not_found: "riptide models list --refresh",
  bad_request: "riptide complete --dry-run …   (shows what is sent)",
  content_filtered: "change the prompt, or ask another provider with -P",
  context_too_long: "send less, or name a model with a larger window with -m",
  unsupported: "riptide models list   (what each model can take)",
  rate_limited: "wait, or give another target with --fallback PROVIDER/MODEL",
  circuit_open: "riptide circuits   (riptide circuits reset PROVIDER lets requests through again)",
  overloaded: "try again, or give another target with --fallback PROVIDER/MODEL",
  provider_error: "try again, or give another target with --fallback PROVIDER/MODEL",
  stream_interrupted: "run it again; -O FILE --keep-partial keeps what came",
  stream_idle: "run it again, or raise timeouts.stream_idle",
  stream_max: "ask for less with --max-tokens, or raise timeouts.stream_max",
  schema_invalid: "name another model with -m, or loosen the schema",
  incomplete: "raise --max-tokens",
  write_failed: "check the disk and the path of the output",
  internal: "run it again with --debug and report what it prints",
};

/** The same for what is wrong with one provider: the words before its name, and those after it. */
const PROVIDER_HINTS: Readonly<Partial<Record<ErrorCode, readonly [command: string, why: string]>>> = {
  auth_failed: ["riptide providers show", "   (where its key comes from)"],
  connect_failed: ["riptide providers test", ""],
  protocol_error: ["riptide providers show", "   (check its address)"],
};

/** What a hint may depend on besides the error. */
export interface HintContext {
  /** The words of the command that failed, where one was named. */
  readonly command?: string | undefined;
  /** What `--config` named. */
  readonly config?: string | undefined;
  readonly attempts?: readonly object[] | undefined;
}

/** The hint of an error, its own or what its code suggests, as a command line that works for this call. */
export function hintFor(error: RiptideError, context: HintContext = {}): string | undefined {
  const hint = bareHint(error, context);
  const { config } = context;
  // A configuration from stdin has been read, and cannot be named again.
  if (hint === undefined || config === undefined || config === "-") return hint;
  return hint.includes("--help")
    ? hint
    : hint.replace(READS_CONFIG, () => `riptide -C ${shellWord(config)} `);
}

const READS_CONFIG = /^riptide (?=(?:complete|embed|models|providers|health|circuits) )/;

function bareHint({ code, facts }: RiptideError, { command = "", attempts }: HintContext) {
  if (facts.hint !== undefined || code === "cancelled") return facts.hint;
  if (code === "usage") return command === "" ? "riptide help" : `riptide ${command} --help`;
  if (code === "deadline_exceeded" || code === "attempt_timeout") return timeHint(command);
  const [ofProvider, why = ""] = PROVIDER_HINTS[code] ?? [];
  if (ofProvider === undefined) return HINTS[code];
  const provider = onlyProvider(attempts);
  return provider === undefined ? "riptide providers list" : `${ofProvider} ${provider}${why}`;
}

/** The provider of every attempt, when they share one. */
function onlyProvider(attempts: readonly object[] = []): string | undefined {
  const names = new Set(attempts.map((attempt) => ("provider" in attempt ? attempt.provider : undefined)));
  const [name] = names;
  return names.size === 1 && typeof name === "string" ? name : undefined;
}

/** A path as one word of a POSIX shell. */
const shellWord = (text: string) => (/^[\w./~+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** More time for one call, or for all of its kind. */
function timeHint(command: string): string {
  const key = { complete: "completion", embed: "embedding" }[command];
  const call = `riptide ${command || "…"} --timeout 15s …`;
  return key ? `${call}   or timeouts.${key} in providers.yaml` : call;
}
