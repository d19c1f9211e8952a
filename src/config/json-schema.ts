import { type ZodType, z } from "zod";
import type { Registry } from "../providers/registry.ts";
import type { Path } from "./position.ts";
import { providerCommon } from "./schema/provider.ts";
import { root } from "./schema/root.ts";

/** The part of JSON Schema that a zod schema is written in. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly [word: string]: unknown;
}

/** The JSON Schema of providers.yaml, with every provider type of a registry, as `config schema` prints it. */
export async function configSchema(registry: Registry): Promise<JsonSchema> {
  const own = await Promise.all(
    registry.names.map(async (name) => [name, await ownSchema(registry, name)] as const),
  );
  const types = own.map(([name, schema]) => providerSchema(name, schema, registry));
  const { $schema, ...whole } = asJson(root());
  return {
    $schema,
    title: "RipTide providers.yaml",
    ...whole,
    properties: {
      ...whole.properties,
      providers: { ...whole.properties?.providers, additionalProperties: { anyOf: types } },
    },
    $defs: Object.fromEntries(own.flatMap(([, schema]) => Object.entries(schema.$defs ?? {}))),
  };
}

async function ownSchema(registry: Registry, name: string): Promise<JsonSchema> {
  const options = await registry.find(name)?.type.options();
  if (!options) return {};
  const schema = asJson(options);
  // Definitions of all types meet in one place, and zod numbers them from zero in each.
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', `"#/$defs/${name}.`);
  const { $defs = {}, ...rest }: JsonSchema = JSON.parse(text);
  const renamed = Object.entries($defs).map(([key, definition]) => [`${name}.${key}`, definition]);
  return { ...rest, $defs: Object.fromEntries(renamed) };
}

function providerSchema(name: string, own: JsonSchema, registry: Registry): JsonSchema {
  const common = asJson(providerCommon());
  const aliases = registry.find(name)?.type.aliases ?? [];
  return {
    title: `a provider of type ${name}`,
    type: "object",
    properties: { ...common.properties, ...own.properties, type: { enum: [name, ...aliases] } },
    required: ["type", ...(own.required ?? [])],
    additionalProperties: own.additionalProperties ?? false,
  };
}

/** What a zod schema accepts, before its transforms. */
export function asJson(schema: ZodType): JsonSchema {
  // The library's type allows booleans in places a zod schema never produces.
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

/** The keys a map at a path may have by its schema. */
export function keysAt(schema: JsonSchema, path: Path): readonly string[] {
  const reached = path.reduce<readonly JsonSchema[]>(
    (schemas, step) => schemas.flatMap(branches).flatMap((branch) => below(branch, step)),
    [schema],
  );
  return [...new Set(reached.flatMap(branches).flatMap((branch) => Object.keys(branch.properties ?? {})))];
}

const branches = (schema: JsonSchema): readonly JsonSchema[] =>
  [schema, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap((branch) =>
    branch === schema ? [branch] : branches(branch),
  );

function below(schema: JsonSchema, step: string | number): readonly JsonSchema[] {
  if (typeof step === "number") return schema.items ? [schema.items] : [];
  const named = schema.properties?.[step];
  if (named) return [named];
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}
