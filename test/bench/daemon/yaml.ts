/** Models the provider simulates, by what each is for; their names say how they answer. */
export const MODELS = {
  short: "sim-t16",
  burst: "sim-t50",
  first: "sim-t8",
  slow500: "sim-t40-d50",
  slow2000: "sim-t100-d100",
  minute: "sim-t600-d100",
  answering: "sim-t10-d10",
} as const;

/** The same model of the provider that speaks as Anthropic does. */
export const anthropicModel = (model: string): string => `claude-${model}`;

/** Who asks, and what each may. */
export const TENANTS = {
  bench: "bench",
  quiet: "quiet",
  /** Ten requests a second. */
  often: "often",
  /** Four requests at a time. */
  many: "many",
} as const;

export const OFTEN_PER_MINUTE = 600;
export const MANY_CONCURRENT = 4;

const PRICE = "{ input: 0.4, output: 1.6 }";
const WIDE = "{ requests_per_minute: 10000000, tokens_per_minute: 100000000000, cost_per_hour: 1000000 }";
const BUDGETS = "[{ limit: 1000000, period: day }, { limit: 1000000, period: month }]";

/** All that a daemon does for a request is asked for: limits and budgets, prices, the ledger, breakers, metrics. */
export function yamlFor(port: number): string {
  const names = Object.values(MODELS);
  const claudes = names.map(anthropicModel);
  const prices = (models: readonly string[]) => models.map((model) => `${model}: ${PRICE}`).join(", ");
  const targets = (provider: string, models: readonly string[]) =>
    models.map((model) => `  ${model}: { targets: [${provider}/${model}] }\n`).join("");
  return `version: 1
providers:
  openai:
    type: openai
    api_key: sk-simulated
    base_url: http://127.0.0.1:${port}/v1
    prices: { ${prices(names)} }
  anthropic:
    type: anthropic
    api_key: sk-simulated
    base_url: http://127.0.0.1:${port}
    prices: { ${prices(claudes)} }
models:
${targets("openai", names)}${targets("anthropic", claudes)}tenants:
  list:
    ${TENANTS.bench}: { limits: ${WIDE}, budgets: ${BUDGETS} }
    ${TENANTS.quiet}: { limits: { requests_per_minute: 6000, max_concurrent: 20 }, budgets: ${BUDGETS} }
    ${TENANTS.often}: { limits: { requests_per_minute: ${OFTEN_PER_MINUTE} }, budgets: ${BUDGETS} }
    ${TENANTS.many}: { limits: { max_concurrent: ${MANY_CONCURRENT} }, budgets: ${BUDGETS} }
budgets:
  - { limit: 1000000, period: month }
`;
}
