import type { Config, ProviderEntry } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { type Resolved, Secret } from "../core/secret.ts";
import type { Adapter } from "../providers/adapter.ts";
import { type ModelFacts, overrideFacts } from "../providers/capabilities.ts";
import { instanceProblem, type ProviderInstance, type ProviderType } from "../providers/plugin.ts";
import type { Registry } from "../providers/registry.ts";
import type { RoutingTable } from "../routing/target.ts";
import { framersOf, type NewFramer } from "../wire/framer.ts";
import type { Authoriser, EndpointPolicy, Transport } from "../wire/http.ts";

/** What a generation needs of the process around it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly environment: (name: string) => string | undefined;
  readonly readFile: (path: string) => Promise<string>;
  /** Resolves every secret source inside a value of the provider's entry (config/secrets.ts). */
  readonly resolve: <T>(value: T, entry: ProviderEntry, path: readonly string[]) => Promise<Resolved<T>>;
  readonly createTransport: (policy: EndpointPolicy) => Transport;
  readonly proxy?: EndpointPolicy["proxy"];
  /** A provider that could not be built is built anew when it is asked for after so long; never unless given. */
  readonly rebuildAfterMs?: number;
}

/** A provider of this generation, its secrets resolved. */
export interface LoadedProvider {
  readonly entry: ProviderEntry;
  readonly adapter: Adapter;
  readonly baseUrl: string;
  /** Extra headers of the entry; the transport adds them. */
  readonly headers: Readonly<Record<string, Secret>>;
  /** Its models cost nothing, so none of them needs a price. */
  readonly isFree: boolean;
  /** Short digest of the entry's id, address, options and credentials, which breakers and holds belong to (CB-11). */
  readonly endpoint: string;
  /** Credentials are computed for each request by the transport. */
  readonly authorised: boolean;
  /** Reaches the provider with its credentials and extra headers. */
  readonly transport: Transport;
  readonly newFramer: NewFramer;
  facts(model: string): ModelFacts;
}

/** Everything built from one configuration: immutable, replaced whole. */
export interface Generation {
  readonly config: Config;
  readonly table: RoutingTable;
  /** The provider, built at its first use. @throws RiptideError `secret_missing` and other config errors. */
  provider(id: string): Promise<LoadedProvider>;
  /** Whether it has been built, so that nothing has to be waited for. */
  isReady(id: string): boolean;
}

/** Builds a generation; nothing is resolved or loaded until a provider is asked for. */
export function createGeneration(config: Config, around: Surroundings): Generation {
  const loaded = new Map<string, Promise<LoadedProvider>>();
  const ready = new Set<string>();
  /** When a provider could not be built, by the monotonic clock. */
  const failedAt = new Map<string, number>();
  const { clock, rebuildAfterMs = Number.POSITIVE_INFINITY } = around;
  const isDue = (id: string): boolean => {
    const failed = failedAt.get(id);
    return failed !== undefined && clock.now() - failed >= rebuildAfterMs && failedAt.delete(id);
  };
  return {
    config,
    table: routingTable(config),
    provider(id) {
      const known = loaded.get(id);
      if (known && !isDue(id)) return known;
      const loading = loadProvider(entryOf(config, id), around);
      loading.then(
        () => ready.add(id),
        () => failedAt.set(id, clock.now()),
      );
      loaded.set(id, loading);
      return loading;
    },
    isReady: (id) => ready.has(id),
  };
}

function entryOf(config: Config, id: string): ProviderEntry {
  const entry = config.providers.find((candidate) => candidate.id === id);
  if (!entry) throw new RiptideError("internal", `no provider ${id} in this generation`);
  return entry;
}

async function loadProvider(entry: ProviderEntry, around: Surroundings): Promise<LoadedProvider> {
  const found = around.registry.find(entry.type);
  if (!found)
    throw new RiptideError("config_invalid", `provider ${entry.id} has the unknown type ${entry.type}`);
  const options = await around.resolve(entry.options, entry, []);
  const headers = await around.resolve(entry.headers, entry, ["headers"]);
  const instance = await created(entry, found.type, { options, around });
  const base = instance.transport ?? around.createTransport(await policyOf(entry, around));
  const { adapter, baseUrl } = instance;
  return {
    entry,
    adapter,
    baseUrl,
    headers,
    isFree: found.type.free === true,
    endpoint: endpointOf([entry.id, entry.type, baseUrl, options, headers]),
    authorised: instance.authoriser !== undefined,
    transport: authorised(withHeaders(base, headers), instance.authoriser, around.clock),
    newFramer: framersOf(adapter.framing),
    facts: (model) => overrideFacts(factsOf(entry, adapter, model), entry.models[model]),
  };
}

/** @throws RiptideError `config_invalid` where a plugin does not say what its models can take */
function factsOf({ id, type }: ProviderEntry, adapter: Adapter, model: string): ModelFacts {
  const facts = adapter.facts(model);
  const said: Partial<ModelFacts> | undefined = facts;
  if (said?.supports instanceof Set) return facts;
  const reason = `its type ${type} gives facts(model) without a Set of supports`;
  throw new RiptideError("config_invalid", `provider ${id} cannot be used: ${reason}`);
}

/** What the type makes of an entry. @throws RiptideError `config_invalid` where its own code fails */
async function created(
  { id, type: name }: ProviderEntry,
  type: ProviderType,
  { options, around }: { readonly options: unknown; readonly around: Surroundings },
): Promise<ProviderInstance> {
  const unusable = (reason: string, cause?: unknown) =>
    new RiptideError("config_invalid", `provider ${id} cannot be used: its type ${name} ${reason}`, {
      cause,
    });
  const { clock, environment, readFile, proxy } = around;
  const credentialTransport = around.createTransport({
    ...{ allowPrivate: true, allowMetadata: true },
    ...(proxy && { proxy }),
  });
  const context = { id, clock, environment, readFile, credentialTransport };
  try {
    // The type's own schema made these options.
    const instance = await type.create(options as never, context);
    const problem = instanceProblem(instance);
    if (problem === undefined) return instance;
    throw unusable(problem);
  } catch (thrown) {
    if (thrown instanceof RiptideError) throw thrown;
    throw unusable(`failed: ${asRiptideError(thrown).message}`, thrown);
  }
}

/** Whoever changes the address, the deployment or the credentials of an entry has another endpoint (CB-11). */
function endpointOf(identity: readonly unknown[]): string {
  const text = JSON.stringify(identity.map(fingerprinted));
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** The same value with every secret in it as its fingerprint. */
function fingerprinted(value: unknown): unknown {
  if (value instanceof Secret) return value.fingerprint();
  if (Array.isArray(value)) return value.map(fingerprinted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fingerprinted(item)]));
}

async function policyOf(entry: ProviderEntry, around: Surroundings): Promise<EndpointPolicy> {
  return {
    allowPrivate: entry.allowPrivate,
    ...(entry.caFile && { ca: await readCa(entry.id, entry.caFile, around) }),
    ...(around.proxy && { proxy: around.proxy }),
  };
}

async function readCa(id: string, path: string, { readFile }: Surroundings): Promise<string> {
  const unusable = (problem: string, cause: unknown) =>
    new RiptideError("config_invalid", `the ca_file of provider ${id} ${problem}: ${path}`, { cause });
  const text = await readFile(path).catch((cause) => {
    throw unusable("cannot be read", cause);
  });
  try {
    // TLS itself passes over what is no certificate, and would then trust nobody of this file.
    new (process.getBuiltinModule("node:crypto").X509Certificate)(text);
    return text;
  } catch (cause) {
    throw unusable("holds no certificate in PEM form", cause);
  }
}

const withHeaders =
  (transport: Transport, extra: Readonly<Record<string, Secret>>): Transport =>
  (request, exchange) =>
    transport({ ...request, headers: { ...request.headers, ...extra } }, exchange);

function authorised(transport: Transport, authoriser: Authoriser | undefined, clock: Clock): Transport {
  if (!authoriser) return transport;
  return async (request, exchange) => {
    if (exchange.progress) exchange.progress.isUnsent = true;
    const permitted = await authoriser.authorise(request, exchange.signal);
    if (exchange.progress) exchange.progress.isUnsent = false;
    const authorisedAtMs = clock.now();
    const response = await transport(permitted, exchange);
    if (response.status !== 401 && response.status !== 403) return response;
    const wasDropped = authoriser.rejected?.(authorisedAtMs) === true;
    return wasDropped && response.status === 401 ? { ...response, tokenDropped: true } : response;
  };
}

function routingTable({ providers, aliases, strategy }: Config): RoutingTable {
  const targets = Object.values(aliases).flatMap((alias) => alias.targets);
  return {
    strategy,
    aliases: new Map(Object.entries(aliases)),
    providers: providers.map((entry) => ({
      id: entry.id,
      priority: entry.priority,
      defaultModel: entry.defaultModel,
      models: [
        ...new Set([
          ...declaredModels(entry),
          ...targets.filter((t) => t.provider === entry.id).map((t) => t.model),
        ]),
      ],
    })),
  };
}

/** Models an entry names itself: overrides, prices, deployments and its default. A pattern of prices names none. */
export function declaredModels(entry: ProviderEntry): readonly string[] {
  const { deployments } = entry.options;
  const named = typeof deployments === "object" && deployments ? Object.keys(deployments) : [];
  const byDefault = entry.defaultModel === undefined ? [] : [entry.defaultModel];
  return [
    ...new Set([...byDefault, ...Object.keys(entry.models), ...Object.keys(entry.prices), ...named]),
  ].filter((name) => !name.includes("*"));
}
