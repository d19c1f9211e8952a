import type { ZodType } from "zod";
import type { Clock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import type { Resolved } from "../core/secret.ts";
import type { Framing } from "../wire/frame.ts";
import type { Authoriser, Transport } from "../wire/http.ts";
import type { Adapter } from "./adapter.ts";

const OPERATIONS = ["complete", "stream", "embed", "list models", "count tokens"] as const;
export type ProviderOperation = (typeof OPERATIONS)[number];

/** What a provider may use of the process around it. */
export interface ProviderContext {
  /** The entry's name in providers.yaml. */
  readonly id: string;
  readonly clock: Clock;
  /** One variable of the environment, for a vendor's own credential chain. */
  readonly environment: (name: string) => string | undefined;
  readonly readFile: (path: string) => Promise<string>;
  /** Reaches the vendor's token services and metadata addresses; not for the vendor's API. */
  readonly credentialTransport: Transport;
}

/** One configured provider, ready to be called. */
export interface ProviderInstance {
  readonly adapter: Adapter;
  /** What the vendor's own paths are appended to. */
  readonly baseUrl: string;
  readonly authoriser?: Authoriser;
  /** Answers in place of the network; the mock provider's. */
  readonly transport?: Transport;
}

/** How a provider type comes into being. Heavy parts are loaded by `options` and `create` when called. */
export interface ProviderType<Options = unknown> {
  readonly aliases?: readonly string[];
  readonly operations: readonly ProviderOperation[];
  /** Its models cost nothing, so none of them needs a price. */
  readonly free?: boolean;
  /** One line for `riptide providers types`. */
  readonly authentication: string;
  /** The schema of the entry's own keys; the keys every entry has are checked by RipTide. */
  options(): Promise<ZodType<Options>>;
  create(options: Resolved<Options>, context: ProviderContext): Promise<ProviderInstance>;
}

export interface Plugin {
  readonly apiVersion: 1;
  // biome-ignore lint/suspicious/noExplicitAny: the options of each type are checked by its own schema.
  readonly types: { readonly [name: string]: ProviderType<any> };
}

/**
 * Declares provider types: RipTide's own and those of outside modules alike.
 * @throws RiptideError `config_invalid` for another `apiVersion`, and for a type that lacks something.
 */
export function definePlugin(plugin: Plugin): Plugin {
  const problem = pluginProblem(plugin);
  if (problem !== undefined) throw new RiptideError("config_invalid", problem);
  return plugin;
}

/** What keeps a value from being a plugin of this version, whoever made it; undefined where nothing does. */
export function pluginProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return "a plugin is an object made by definePlugin";
  const { apiVersion, types } = value;
  if (apiVersion !== 1) return `plugin speaks version ${apiVersion}, this RipTide speaks 1`;
  if (!isRecord(types) || Object.keys(types).length === 0) return "a plugin declares at least one type";
  return Object.entries(types)
    .map(([name, type]) => typeProblem(name, type))
    .find((problem) => problem !== undefined);
}

const NAME = /^[a-z][a-z0-9_-]{0,63}$/;

function typeProblem(name: string, type: unknown): string | undefined {
  if (!NAME.test(name)) return `"${name}" is no name of a type: lower-case letters, digits, - and _`;
  if (!isRecord(type)) return `type ${name} is no object`;
  const { aliases = [], operations, authentication, options, create } = type;
  const isName = (alias: unknown) => typeof alias === "string" && NAME.test(alias);
  if (!Array.isArray(aliases) || !aliases.every(isName)) return `type ${name}: aliases are names of types`;
  const isKnown = (word: unknown) => OPERATIONS.some((operation) => operation === word);
  if (!Array.isArray(operations) || !operations.every(isKnown))
    return `type ${name}: operations are words of ${OPERATIONS.join(", ")}`;
  if (typeof authentication !== "string") return `type ${name}: authentication is a line of text`;
  if (typeof options !== "function") return `type ${name}: options is a function that gives a schema`;
  return typeof create === "function" ? undefined : `type ${name}: create is a function`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const FRAMINGS: readonly Framing[] = ["sse", "ndjson", "aws-event-stream"];
const ADAPTER_FUNCTIONS = ["facts", "toWire", "fromWire", "decoder", "classify"];

const ADAPTER_PARTS = ["probe", "embed", "models", "count"];

/** A call of its own beside the answers; one that is not there is undefined. */
const isPart = (value: unknown): boolean =>
  value === undefined ||
  (isRecord(value) && typeof value.toWire === "function" && typeof value.fromWire === "function");

/** What is wrong with what a type has made; undefined where it can be asked. */
export function instanceProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return "gives no { adapter, baseUrl }";
  const { adapter, baseUrl } = value;
  if (typeof baseUrl !== "string" || baseUrl === "") return "gives no baseUrl";
  if (!isRecord(adapter)) return "gives no adapter";
  const missing = ADAPTER_FUNCTIONS.find((name) => typeof adapter[name] !== "function");
  if (missing !== undefined) return `gives an adapter without the function ${missing}`;
  const half = ADAPTER_PARTS.find((name) => name in adapter && !isPart(adapter[name]));
  if (half !== undefined) return `gives an adapter whose ${half} is no { toWire, fromWire }`;
  if (!isRecord(adapter.probe)) return "gives an adapter without a probe";
  return FRAMINGS.some((framing) => framing === adapter.framing)
    ? undefined
    : `gives an adapter whose framing is none of ${FRAMINGS.join(", ")}`;
}
