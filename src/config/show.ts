import { stringify } from "yaml";
import type { Json, JsonObject } from "../core/json.ts";
import type { SecretSource } from "../core/secret.ts";
import type { Registry } from "../providers/registry.ts";
import { withDefaults } from "./defaults.ts";
import { type Draft, secretsIn } from "./draft.ts";
import { neededVariables } from "./expand.ts";
import { configSchema } from "./json-schema.ts";
import { type Origins, valueAt } from "./override.ts";
import { type Path, pathKey, pathText } from "./position.ts";

/** One value of a configuration as it is shown; secrets are redacted. */
export interface ShownValue {
  /** `timeouts.completion`. */
  readonly key: string;
  readonly value: Json;
  /** A variable (`env NAME`), a flag, a place (`providers.yaml:3:5`) or `default`. */
  readonly origin: string;
}

export interface ShownConfig {
  /** In the words of the file. */
  readonly tree: JsonObject;
  readonly values: readonly ShownValue[];
}

export interface ShowOptions {
  readonly document: { readonly tree: JsonObject; readonly origins: Origins; readonly draft: Draft };
  /** The name of the file; undefined where the environment was the source. */
  readonly file: string | undefined;
  readonly registry: Registry;
  /** Adds what the defaults say. */
  readonly effective: boolean;
}

/** A configuration as `config show` prints it, with the origin of each value. */
export async function showConfig({ document, file, registry, effective }: ShowOptions): Promise<ShownConfig> {
  const { tree, draft, origins } = document;
  const redacted = redact(tree, rawSecrets(draft)) as JsonObject; // A map stays a map.
  const shown = effective ? withDefaults(redacted, await configSchema(registry)) : redacted;
  const values = leaves(shown).map(({ path, value }) => ({
    key: pathText(path),
    value,
    origin: originOf(path, { draft, origins, file, tree: redacted }),
  }));
  return { tree: shown, values };
}

/** A tree as YAML. */
export const treeText = (tree: JsonObject): string => stringify(tree, { lineWidth: 0 });

/** Each secret as the file writes it, and as it is shown. */
function rawSecrets({ settings }: Draft): ReadonlyMap<string, string> {
  return new Map(secretsIn(settings).map((source) => [JSON.stringify(rawForm(source)), shownForm(source)]));
}

function rawForm(source: SecretSource): Json {
  if (source.from === "text") return source.text;
  if (source.from === "env") return { env: source.name };
  return source.from === "file" ? { file: source.path } : { command: source.command };
}

function shownForm(source: SecretSource): string {
  if (source.from === "file") return `[redacted] (file ${source.path})`;
  if (source.from === "command") return `[redacted] (command ${source.command[0]})`;
  const name = source.from === "env" ? source.name : neededVariables(source.text)[0];
  return name === undefined ? "[redacted]" : `[redacted] (env ${name})`;
}

function redact(value: Json, secrets: ReadonlyMap<string, string>): Json {
  const shown = secrets.get(JSON.stringify(value));
  if (shown !== undefined) return shown;
  if (Array.isArray(value)) return value.map((item) => redact(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item, secrets)]));
}

/** Each value of a shown tree by its key, such as `timeouts.completion`. */
export const valuesByKey = (tree: JsonObject): ReadonlyMap<string, Json> =>
  new Map(leaves(tree).map(({ path, value }) => [pathText(path), value]));

function leaves(value: Json, path: Path = []): readonly { readonly path: Path; readonly value: Json }[] {
  if (typeof value !== "object" || value === null) return [{ path, value }];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  if (entries.length === 0) return path.length === 0 ? [] : [{ path, value }];
  return entries.flatMap(([step, item]) => leaves(item, [...path, step]));
}

interface Known {
  readonly draft: Draft;
  readonly origins: Origins;
  readonly file: string | undefined;
  /** Without defaults. */
  readonly tree: JsonObject;
}

function originOf(path: Path, known: Known): string {
  const override = known.origins.get(pathKey(path));
  if (override) return override.from === "variable" ? `env ${override.origin}` : override.origin;
  const place = known.draft.places[pathKey(path)];
  if (place && known.file !== undefined) return `${known.file}:${place[2]}:${place[3]}`;
  const preset = presetOf(path, known);
  if (preset) return preset;
  return known.file === undefined && isWritten(path, known.tree) ? "env" : "default";
}

/** A value that a preset brought comes from where the preset is named. */
function presetOf(path: Path, known: Known): string | undefined {
  const block = path.slice(0, -1);
  if (block.length === 0 || path.at(-1) === "preset") return undefined;
  const names = [[...block, "preset"], block].filter((name) => typeof valueAt(known.tree, name) === "string");
  return names[0] && originOf(names[0], known);
}

const isWritten = (path: Path, tree: JsonObject) => valueAt(tree, path) !== undefined;
