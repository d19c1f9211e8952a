import type { JsonObject } from "../core/json.ts";
import { DEFAULT_MODELS } from "./default-models.ts";
import type { Environment } from "./environment.ts";
import { escapeReferences, reference } from "./expand.ts";

/** The first model a local server has installed; undefined when none answers there. */
export type InstalledModel = (baseUrl: string) => Promise<string | undefined>;

interface Found {
  readonly id: string;
  readonly entry: JsonObject;
  /** The model that answers when nobody names one; undefined leaves the provider out of `default`. */
  readonly model: string | undefined;
}

/** Where Ollama listens by default (Ollama documentation, `OLLAMA_HOST`). */
const OLLAMA_ADDRESS = "http://127.0.0.1:11434";

/**
 * The configuration that the environment alone describes: a provider for each vendor's own variables, and the
 * alias `default` over them in this order. Keys stay in their variables; only addresses given there may be private.
 */
export async function discoverProviders(
  { lookup, flags }: Pick<Environment, "lookup" | "flags">,
  installedModel: InstalledModel,
): Promise<JsonObject> {
  const found = [
    withKey(lookup, { id: "openai", type: "openai", variable: "OPENAI", model: DEFAULT_MODELS.openai }),
    withKey(lookup, {
      id: "anthropic",
      type: "anthropic",
      variable: "ANTHROPIC",
      model: DEFAULT_MODELS.anthropic,
    }),
    azure(lookup),
    bedrock(lookup, flags.discover),
    vertex(lookup),
    await ollama(lookup, installedModel),
  ].filter((provider) => provider !== undefined);
  const targets = found.flatMap(({ id, model }) => (model ? [`${id}/${escapeReferences(model)}`] : []));
  return {
    providers: Object.fromEntries(found.map(({ id, entry }) => [id, entry])),
    ...(targets.length > 0 && { models: { default: { targets } } }),
  };
}

type Lookup = Environment["lookup"];

function withKey(
  lookup: Lookup,
  { id, type, variable, model }: { id: string; type: string; variable: string; model: string },
): Found | undefined {
  if (!lookup(`${variable}_API_KEY`)) return undefined;
  const address = lookup(`${variable}_BASE_URL`) && {
    base_url: reference(`${variable}_BASE_URL`),
    allow_private: true,
  };
  return {
    id,
    model,
    entry: { type, api_key: reference(`${variable}_API_KEY`), ...address, default_model: model },
  };
}

function azure(lookup: Lookup): Found | undefined {
  const deployment = lookup("AZURE_OPENAI_DEPLOYMENT");
  if (!lookup("AZURE_OPENAI_API_KEY") || !lookup("AZURE_OPENAI_ENDPOINT") || !deployment) return undefined;
  const name = escapeReferences(deployment);
  const entry = {
    type: "azure-openai",
    endpoint: reference("AZURE_OPENAI_ENDPOINT"),
    api_key: reference("AZURE_OPENAI_API_KEY"),
    allow_private: true,
    deployments: { [deployment]: name },
    default_model: name,
  };
  return { id: "azure", model: deployment, entry };
}

/** Credentials in a shell are there for other tools; a token for this very service, or a word, is consent. */
function bedrock(lookup: Lookup, consent: string | undefined): Found | undefined {
  const region = lookup("AWS_REGION") ?? lookup("AWS_DEFAULT_REGION");
  const token = lookup("AWS_BEARER_TOKEN_BEDROCK") && { bearer_token: reference("AWS_BEARER_TOKEN_BEDROCK") };
  if (!region || !(token || consent === "aws")) return undefined;
  const model = DEFAULT_MODELS.bedrock;
  return {
    id: "bedrock",
    model,
    entry: { type: "bedrock", region: escapeReferences(region), ...token, default_model: model },
  };
}

function vertex(lookup: Lookup): Found | undefined {
  if (!lookup("GOOGLE_APPLICATION_CREDENTIALS") || !lookup("GOOGLE_CLOUD_PROJECT")) return undefined;
  const model = DEFAULT_MODELS.vertex;
  const entry = {
    type: "vertex",
    project: reference("GOOGLE_CLOUD_PROJECT"),
    location: escapeReferences(lookup("GOOGLE_CLOUD_LOCATION") ?? "global"),
    default_model: model,
  };
  return { id: "vertex", model, entry };
}

async function ollama(lookup: Lookup, installedModel: InstalledModel): Promise<Found | undefined> {
  const host = lookup("OLLAMA_HOST");
  const address = host === undefined ? OLLAMA_ADDRESS : ollamaAddress(host);
  const model = await installedModel(address);
  if (host === undefined && model === undefined) return undefined;
  const entry = {
    type: "ollama",
    ...(host !== undefined && { base_url: escapeReferences(address), allow_private: true }),
    ...(model !== undefined && { default_model: escapeReferences(model) }),
  };
  return { id: "ollama", model, entry };
}

/** The variable also tells a server where to listen: it may lack scheme and port, or name every address. */
function ollamaAddress(host: string): string {
  const given = /^https?:\/\//.test(host) ? host : `http://${host}`;
  const url = URL.parse(
    given.startsWith("http://:") ? given.replace("http://:", "http://127.0.0.1:") : given,
  );
  if (!url) return given;
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  if (!/:\d+\/?$/.test(given) && url.port === "" && given !== host) url.port = "11434";
  return url.href.replace(/\/$/, "");
}
