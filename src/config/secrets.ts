import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { RiptideError, unreachable } from "../core/errors.ts";
import { type Resolved, Secret, type SecretSource } from "../core/secret.ts";
import type { Environment } from "./environment.ts";
import { expandText, isSecretSource, snakeKey } from "./expand.ts";
import type { Path } from "./position.ts";
import { firstLineOf } from "./secret-command.ts";

/** What resolving needs of the process around it. */
export interface SecretContext {
  readonly environment: Pick<Environment, "lookup" | "home">;
  readonly clock: Clock;
  /** Told each secret before anyone else sees it, so that the redactor knows it. */
  readonly onSecret: (secret: Secret) => void;
  /** What needs the secret, such as `provider openai`, for the error text. */
  readonly owner?: string;
  /** Where the value that is resolved stands in the file; keys below it are added. */
  readonly path?: Path;
  /** See `LoadedConfig.placeOf`. */
  readonly placeOf?: (path: Path) => string | undefined;
}

/**
 * Replaces every secret source inside a value by its secret.
 * @throws RiptideError `secret_missing`, `unsafe_permissions`
 */
export async function resolveOptions<T>(value: T, context: SecretContext): Promise<Resolved<T>> {
  const walk = async (item: unknown, path: Path): Promise<unknown> => {
    if (isSecretSource(item)) return resolveSecret(item, { ...context, path });
    if (Array.isArray(item)) return Promise.all(item.map((inner, index) => walk(inner, [...path, index])));
    if (typeof item !== "object" || item === null) return item;
    const resolved = Object.entries(item).map(
      async ([key, inner]) => [key, await walk(inner, [...path, snakeKey(key)])] as const,
    );
    return Object.fromEntries(await Promise.all(resolved));
  };
  return (await walk(value, context.path ?? [])) as Resolved<T>; // The walk does what the type says.
}

/**
 * Reads one secret from where the configuration says. Its value is in no error, and a program it comes from
 * is named without its arguments.
 * @throws RiptideError `secret_missing`, `unsafe_permissions`
 */
export async function resolveSecret(source: SecretSource, context: SecretContext): Promise<Secret> {
  const value = (await readSource(source, context)).trim();
  if (value === "") throw missing(`${nameOf(source)} is empty`, context);
  const secret = new Secret(value);
  context.onSecret(secret);
  return secret;
}

async function readSource(source: SecretSource, context: SecretContext): Promise<string> {
  const { lookup, home } = context.environment;
  switch (source.from) {
    case "text": {
      const expanded = expandText(source.text, lookup);
      if ("text" in expanded) return expanded.text;
      throw missing(`${expanded.missing} is not set`, context);
    }
    case "env": {
      const value = lookup(source.name);
      if (value !== undefined) return value;
      throw missing(`${source.name} is not set`, context);
    }
    case "file":
      return readSecretFile(expandHome(source.path, home), context);
    case "command": {
      const result = await firstLineOf(
        source.command.map((word) => expandHome(word, home)),
        context,
      );
      if ("line" in result) return result.line;
      throw missing(`${nameOf(source)} ${result.problem}`, context);
    }
    default:
      return unreachable(source);
  }
}

function nameOf(source: SecretSource): string {
  if (source.from === "text") return "the secret";
  if (source.from === "env") return source.name;
  return source.from === "file" ? `the file ${source.path}` : `the command ${source.command[0]}`;
}

const expandHome = (path: string, home: string) => (path.startsWith("~/") ? join(home, path.slice(2)) : path);

const MAX_SECRET_BYTES = 65_536;

async function readSecretFile(path: string, context: SecretContext): Promise<string> {
  if (!isAbsolute(path)) throw missing(`the secret file ${path} is not an absolute path`, context);
  try {
    // Without O_NONBLOCK a pipe in place of the file would wait for a writer for ever.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      const problem = unsafe(facts);
      if (problem) throw unsafeFile(path, problem, context);
      if (facts.size > MAX_SECRET_BYTES)
        throw missing(`the secret file ${path} is larger than 64 KiB`, context);
      return await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (thrown instanceof RiptideError) throw thrown;
    throw missing(`the secret file ${path} cannot be read`, context, thrown);
  }
}

function unsafe(facts: { isFile(): boolean; uid: number; mode: number }): string | undefined {
  if (!facts.isFile()) return "is not a regular file";
  if (facts.uid !== process.getuid?.()) return "belongs to another user";
  const mode = facts.mode & 0o777;
  return mode === 0o600 || mode === 0o400 ? undefined : `has mode 0${mode.toString(8)}, not 0600 or 0400`;
}

function unsafeFile(path: string, problem: string, context: SecretContext): RiptideError {
  return new RiptideError("unsafe_permissions", `the secret file ${path} ${problem}`, {
    reasons: reasons(context),
    hint: `chmod 600 ${path}`,
  });
}

function missing(message: string, context: SecretContext, cause?: unknown): RiptideError {
  const variable = /^([A-Za-z_]\w*) is not set$/.exec(message)?.[1];
  return new RiptideError("secret_missing", message, {
    reasons: reasons(context),
    hint: variable
      ? `export ${variable}=…   or use {file: PATH} there`
      : "riptide config validate --level secrets",
    cause,
  });
}

function reasons({ owner, path, placeOf }: SecretContext): readonly string[] {
  if (owner === undefined) return [];
  const place = path && placeOf?.(path);
  return [`needed by ${owner}${place ? ` (${place})` : ""}`];
}
