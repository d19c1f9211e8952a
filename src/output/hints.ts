import type { ErrorCode, RiptideError } from "../core/errors.ts";

/** What to do about an error that does not say so itself. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  auth_failed: "riptide providers show PROVIDER   (where its key comes from)",
  quota_exhausted: "top up the account, or ask another provider with -P",
  model_not_found: "riptide models list --refresh",
  bad_request: "riptide complete --dry-run …   (shows what is sent)",
  content_filtered: "change the prompt, or ask another provider with -P",
  context_too_long: "send less, or name a model with a larger window with -m",
  unsupported: "riptide models list   (what each model can take)",
  rate_limited: "wait, or give another target with --fallback PROVIDER/MODEL",
  overloaded: "try again, or give another target with --fallback PROVIDER/MODEL",
  provider_error: "try again, or give another target with --fallback PROVIDER/MODEL",
  connect_failed: "riptide providers test PROVIDER",
  protocol_error: "riptide providers show PROVIDER   (check its address)",
  stream_interrupted: "run it again; -O FILE --keep-partial keeps what came",
  attempt_timeout: "riptide complete --timeout 15s …",
  stream_idle: "run it again, or raise timeouts.stream_idle",
  stream_max: "ask for less with --max-tokens, or raise timeouts.stream_max",
  schema_invalid: "name another model with -m, or loosen the schema",
  incomplete: "raise --max-tokens",
  write_failed: "check the disk and the path of the output",
  internal: "run it again with --debug and report what it prints",
};

/**
 * The hint of an error: its own, or what its code suggests.
 * @param command The words of the command that failed, where one was named.
 */
export function hintFor({ code, facts }: RiptideError, command = ""): string | undefined {
  if (facts.hint !== undefined || code === "cancelled") return facts.hint;
  if (code === "usage") return command === "" ? "riptide help" : `riptide ${command} --help`;
  return HINTS[code];
}
