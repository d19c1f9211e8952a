import { formatDuration } from "../core/duration.ts";
import { asRiptideError, ERRORS, RiptideError } from "../core/errors.ts";
import { notRun } from "../health/checks.ts";
import type { HealthCheck } from "../health/report.ts";
import type { Engine } from "./engine.ts";
import type { LoadedProvider } from "./generation.ts";
import type { HealthAsk } from "./health-check.ts";
import { gaveUp } from "./health-error.ts";
import { complete } from "./pipeline.ts";
import { HEALTH_TENANT } from "./tenant-rules.ts";

/** Some models refuse to be asked for less. */
const MAX_TOKENS = 16;

/** What a deep probe came to. */
export interface DeepProbe {
  readonly model: string;
  readonly ms: number;
  readonly costNano: number;
  /** More than one: it was answered only at a repair. */
  readonly attempts: number;
}

type DeepAsk = Pick<HealthAsk, "probeTimeoutMs" | "maxCostNano" | "newId" | "signal">;

/**
 * A real completion of a few tokens by this provider alone. It is billed, and booked to the tenant of health checks; it
 * counts for no breaker (HM-2, HM-5).
 * @throws RiptideError what it failed with
 */
export async function probeDeep(loaded: LoadedProvider, engine: Engine, ask: DeepAsk): Promise<DeepProbe> {
  const startedAt = engine.clock.now();
  const model = await deepModel(loaded, engine);
  const events = complete(
    {
      id: ask.newId(),
      tenant: HEALTH_TENANT,
      route: {
        model: `${loaded.entry.id}/${model}`,
        providers: undefined,
        exclude: [],
        fallback: [],
        noFallback: true,
      },
      request: { messages: [{ role: "user", content: "ping" }], maxTokens: MAX_TOKENS },
      timeoutMs: ask.probeTimeoutMs,
      maxAttempts: 1,
      maxCostNano: ask.maxCostNano,
      probe: true,
      ...{ tags: {}, dialect: "cli", via: "in-process", signal: ask.signal },
      ...{ stream: false, strictParams: false, showReasoning: false },
    },
    engine,
  );
  for await (const event of events) {
    if (event.type === "error") throw event.error;
    if (event.type !== "end") continue;
    const { attempts } = event.completion;
    const costNano = attempts.reduce((sum, { charge }) => sum + charge.costNano, 0);
    return { model, ms: Math.round(engine.clock.now() - startedAt), costNano, attempts: attempts.length };
  }
  throw new RiptideError("internal", "a completion ended without an end");
}

/** The deepest level; it asks nothing of a provider that failed before. */
export async function checkDeep(
  loaded: LoadedProvider,
  engine: Engine,
  { ask, before }: { readonly ask: HealthAsk; readonly before: readonly HealthCheck[] },
): Promise<HealthCheck> {
  if (before.some(({ status }) => status === "fail" || status === "unknown")) return notRun("deep");
  const startedAt = engine.clock.now();
  try {
    const { model, ms, attempts } = await probeDeep(loaded, engine, ask);
    const isSlow = ask.maxLatencyMs !== undefined && ms > ask.maxLatencyMs;
    const message = isSlow ? `slower than ${formatDuration(ask.maxLatencyMs ?? 0)}` : `${model} answered`;
    return notRun("deep", { status: isSlow || attempts > 1 ? "warn" : "pass", ms, attempts, message });
  } catch (thrown) {
    const error = asRiptideError(thrown);
    return failed(error, { ms: Math.round(engine.clock.now() - startedAt), ask, id: loaded.entry.id });
  }
}

function failed(
  error: RiptideError,
  { ms, ask, id }: { readonly ms: number; readonly ask: HealthAsk; readonly id: string },
): HealthCheck {
  const { code, message, facts } = error;
  const remediation = facts.hint ?? `riptide providers test ${id} --deep`;
  // What was never sent proves nothing of the provider, nor does what was cut.
  if (gaveUp(ask.signal) || isOurs(error)) return notRun("deep", { code, message, remediation });
  const status = code === "rate_limited" ? "unknown" : "fail";
  return { id: "deep", status, ms, attempts: 1, code, message, remediation };
}

const OURS: ReadonlySet<string> = new Set(["unsupported", "tenant_denied", "no_provider_available", "usage"]);

const isOurs = ({ code }: RiptideError): boolean => OURS.has(code) || ERRORS[code].exit === 8;

/** The model its entry names for this, else the cheapest one that is known. */
async function deepModel({ entry, isFree }: LoadedProvider, engine: Engine): Promise<string> {
  if (entry.health.model !== undefined) return entry.health.model;
  const known = engine.generation.table.providers.find(({ id }) => id === entry.id)?.models ?? [];
  const atMs = engine.clock.wall();
  const priced = await Promise.all(
    known.map(async (model) => {
      const asked = { providerType: entry.type, model, isFree, overrides: entry.prices };
      return { model, price: (await engine.stages.prices.priceOf(asked, atMs)).price };
    }),
  );
  const costs = priced.flatMap(({ model, price }) =>
    price && !isEmbedding(model, price) ? [{ model, cost: price.inputNano + price.outputNano }] : [],
  );
  const [cheapest] = costs.toSorted((a, b) => a.cost - b.cost);
  if (cheapest) return cheapest.model;
  throw new RiptideError("unsupported", "no model of it is known that has a price", {
    hint: `name one: providers.${entry.id}.health.model in providers.yaml`,
  });
}

/** Price lists give vectors no price for output. */
const isEmbedding = (
  model: string,
  { inputNano, outputNano }: { readonly inputNano: number; readonly outputNano: number },
): boolean => /embed/i.test(model) || (outputNano === 0 && inputNano > 0);
