import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { DEFAULT_MODELS } from "./default-models.ts";
import { reference } from "./expand.ts";

interface Entry {
  readonly lines: readonly string[];
  /** The model of the first alias. */
  readonly model: string;
}

/** A first entry for each type that comes with the program; keys stay in their variables. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  openai: { lines: [`api_key: ${reference("OPENAI_API_KEY")}`], model: DEFAULT_MODELS.openai },
  anthropic: { lines: [`api_key: ${reference("ANTHROPIC_API_KEY")}`], model: DEFAULT_MODELS.anthropic },
  "azure-openai": {
    lines: [
      `endpoint: ${reference("AZURE_OPENAI_ENDPOINT")}   # https://NAME.openai.azure.com`,
      `api_key: ${reference("AZURE_OPENAI_API_KEY")}`,
      "deployments: { gpt-4.1-mini: my-deployment }   # model: name of its deployment",
    ],
    model: DEFAULT_MODELS.openai,
  },
  bedrock: {
    lines: ["region: eu-central-1   # credentials: environment, shared files or the machine's role"],
    model: DEFAULT_MODELS.bedrock,
  },
  vertex: {
    lines: [
      `project: ${reference("GOOGLE_CLOUD_PROJECT")}`,
      "location: global   # credentials: application default credentials",
    ],
    model: DEFAULT_MODELS.vertex,
  },
  ollama: { lines: ["# base_url: http://127.0.0.1:11434"], model: "llama3.2" },
  "openai-compatible": { lines: ["base_url: http://127.0.0.1:8000/v1"], model: "my-model" },
  mock: { lines: ['reply: "Mock response to: {{prompt}}"'], model: "mock-small" },
};

/** What a first configuration says beyond its providers. */
export interface TemplateChoices {
  /** By type, the model its first alias names in place of the usual one. */
  readonly models?: Readonly<Record<string, string>> | undefined;
  /** Dollars, as a decimal. */
  readonly monthlyLimitUsd?: string | undefined;
}

/**
 * A commented first configuration for provider types, in that order.
 * @throws RiptideError `usage` for a type without a template.
 */
export function initTemplate(
  types: readonly string[],
  { models = {}, monthlyLimitUsd }: TemplateChoices = {},
): string {
  const entries = types.map((type) => ({ type, entry: entryOf(type) }));
  const targets = entries.map(({ type, entry }) => targetText(`${type}/${models[type] ?? entry.model}`));
  return `# RipTide configuration. Every key: riptide config show --effective, or riptide config schema
# A variable such as ${reference("NAME")} is put in when the file is used; keys stay out of the file.
version: 1

# The order matters: it breaks every tie.
providers:
${entries.map(({ type, entry }) => entryText(type, entry)).join("\n")}

# Names to ask for (riptide complete -m NAME), each with the models that answer, in order.
models:
  default:
    targets: [${targets.join(", ")}]
    # strategy: lowest-cost   # or sequential, fastest-first, round-robin, health-based

# timeouts: default           # 5 s for an answer; or strict (3 s), relaxed (10 s), or a map of values
# circuit_breaker: default    # or strict, lenient, or a map of values

${budgetText(monthlyLimitUsd)}`;
}

/** A colon could end a key, so only what is plain stands without quotes. */
const targetText = (target: string): string => (/^[\w./-]+$/.test(target) ? target : JSON.stringify(target));

const budgetText = (limitUsd: string | undefined): string =>
  limitUsd === undefined
    ? `# budgets:
#   - { limit: 50, period: month }   # US dollars, for the whole installation
`
    : `budgets:
  - { limit: ${limitUsd}, period: month }   # US dollars, for the whole installation
`;

function entryOf(type: string): Entry {
  const entry = Object.hasOwn(ENTRIES, type) ? ENTRIES[type] : undefined;
  if (entry) return entry;
  const near = nearest(type, Object.keys(ENTRIES));
  throw new RiptideError("usage", `no template for a provider of type ${type}`, {
    hint: near ? `did you mean ${near}?` : `known: ${Object.keys(ENTRIES).join(", ")}`,
  });
}

const entryText = (type: string, { lines }: Entry) =>
  [`  ${type}:`, `    type: ${type}`, ...lines.map((line) => `    ${line}`)].join("\n");
