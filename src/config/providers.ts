import type { ZodType } from "zod";
import type { Json, JsonObject } from "../core/json.ts";
import type { Registry } from "../providers/registry.ts";
import type { BreakerSettings, ProviderEntry } from "./config.ts";
import { type Issue, issuesOf } from "./issues.ts";
import { asJson, keysAt } from "./json-schema.ts";
import { pathText } from "./position.ts";
import { ONE_PARSE } from "./schema/one-parse.ts";
import { providerCommon } from "./schema/provider.ts";

export interface ProvidersContext {
  readonly registry: Registry;
  /** The installation's, under each provider's own. */
  readonly breaker: BreakerSettings;
  readonly implicit: string | undefined;
}

export interface CheckedProviders {
  readonly providers: readonly ProviderEntry[];
  readonly issues: readonly Issue[];
}

/** Checks each entry by the keys all entries share and by the schema of its type. */
export async function checkProviders(
  block: Json | undefined,
  context: ProvidersContext,
): Promise<CheckedProviders> {
  if (!isMap(block)) return { providers: [], issues: [] };
  const common = providerCommon();
  const checked: CheckedProviders[] = [];
  for (const [id, entry] of Object.entries(block)) {
    if (isMap(entry)) checked.push(await checkEntry(id, entry, { ...context, common }));
  }
  return {
    providers: checked.flatMap(({ providers }) => providers),
    issues: checked.flatMap(({ issues }) => issues),
  };
}

async function checkEntry(
  id: string,
  entry: JsonObject,
  context: ProvidersContext & { readonly common: ReturnType<typeof providerCommon> },
): Promise<CheckedProviders> {
  const { type } = entry;
  if (type === undefined) return { providers: [], issues: [typeMissing(id, context.registry)] };
  const found = typeof type === "string" ? context.registry.find(type) : undefined;
  if (!found) return { providers: [], issues: [typeUnknown(id, type, context.registry)] };
  const [commonSchema, ownSchema] = [context.common, await found.type.options()];
  const [common, own] = split(entry, new Set(Object.keys(commonSchema.in.shape)));
  const shared = commonSchema.safeParse(common, ONE_PARSE);
  const options = ownSchema.safeParse(own, ONE_PARSE);
  const issues = [
    ...(shared.success ? [] : issuesOf(shared.error, issueContext(id, common, [commonSchema]))),
    ...(options.success ? [] : issuesOf(options.error, issueContext(id, own, [ownSchema, commonSchema]))),
  ];
  if (!shared.success || !options.success) return { providers: [], issues };
  const { circuitBreaker, headers, ...rest } = shared.data;
  const provider: ProviderEntry = {
    ...rest,
    id,
    type: found.name,
    implicit: id === context.implicit,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    circuitBreaker: { ...context.breaker, ...circuitBreaker },
    options: options.data as ProviderEntry["options"], // A type's schema describes a map of keys.
  };
  return { providers: [provider], issues: [] };
}

function split(
  entry: JsonObject,
  commonKeys: ReadonlySet<string>,
): readonly [common: JsonObject, own: JsonObject] {
  const part = (isCommon: boolean) =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => commonKeys.has(key) === isCommon));
  return [part(true), part(false)];
}

const issueContext = (id: string, value: JsonObject, schemas: readonly ZodType[]) => ({
  prefix: ["providers", id],
  keysAt: (path: readonly (string | number)[]) => schemas.flatMap((schema) => keysAt(asJson(schema), path)),
  value,
  display: pathText,
});

function typeMissing(id: string, registry: Registry): Issue {
  const likely = registry.find(id)?.name;
  return {
    path: ["providers", id, "type"],
    part: "value",
    code: "missing_key",
    message: `providers.${id} needs "type"`,
    suggestion: likely ? `add type: ${likely}` : `known: ${registry.names.join(", ")}`,
  };
}

function typeUnknown(id: string, type: Json, registry: Registry): Issue {
  const near = typeof type === "string" ? registry.suggest(type) : undefined;
  return {
    path: ["providers", id, "type"],
    part: "value",
    code: "unknown_type",
    message: `unknown provider type in providers.${id}`,
    suggestion: near ? `did you mean "${near}"?` : `known: ${registry.names.join(", ")}`,
  };
}

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
