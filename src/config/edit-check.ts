import { RiptideError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { tryBuild } from "./build.ts";
import { secretsIn } from "./draft.ts";
import { isPureReference } from "./expand.ts";
import { type Problem, problemsError } from "./problems.ts";
import { type ValidateOptions, validateConfig } from "./validate.ts";

/** With a suggestion each, this many fit the eight lines of an error text. */
const MAX_SHOWN = 2;

export interface CheckOptions
  extends Pick<ValidateOptions, "registry" | "loadPlugins" | "folder" | "clock" | "onSecret"> {
  readonly environment: ValidateOptions["environment"] & {
    readonly overrides: NonNullable<ValidateOptions["overrides"]>;
  };
  /** The name the reader knows the file by. */
  readonly shown: string;
}

/**
 * Checks an edited text as `config validate` would, and announces the secrets both texts spell out, since a
 * difference shows lines of them.
 * @throws RiptideError `config_invalid` with the problems of the edit, or of the file where it had some already
 */
export async function checkEdit(before: string, after: string, options: CheckOptions): Promise<void> {
  for (const text of [before, after]) await announce(text, options);
  const problems = await errorsOf(after, options);
  if (problems.length === 0) return;
  const old = await errorsOf(before, options);
  if (old.length > 0) throw problemsError(old, options.shown);
  throw refused(problems, options.shown);
}

/** Lines would be those of a text nobody has seen, so the problems are named by their keys. */
function refused(problems: readonly Problem[], shown: string): RiptideError {
  const [first = "", ...others] = problems
    .slice(0, MAX_SHOWN)
    .flatMap(({ key, message, suggestion }) => [
      `${key === "" ? "" : `${key}: `}${message}`,
      ...(suggestion === null ? [] : [suggestion]),
    ]);
  return new RiptideError("config_invalid", `the change would make ${shown} invalid: ${first}`, {
    reasons: [...others, "nothing was written"],
    hint: "riptide config schema   (every key and what it takes)",
  });
}

async function errorsOf(text: string, options: CheckOptions) {
  const { overrides } = options.environment;
  const problems = await validateConfig(text, { ...options, level: "schema", overrides });
  return problems.filter(({ severity }) => severity === "error");
}

async function announce(
  text: string,
  { registry, loadPlugins, folder, environment, onSecret }: CheckOptions,
): Promise<void> {
  const { overrides, lookup } = environment;
  const source = { kind: "text", text, shown: "" } as const;
  const result = await tryBuild({ source, overrides, registry, loadPlugins, folder, lookup });
  if ("problems" in result) return;
  for (const secret of secretsIn(result.built.draft.settings)) {
    if (secret.from === "text" && !isPureReference(secret.text)) onSecret(new Secret(secret.text));
  }
}
