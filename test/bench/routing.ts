import { buildDraft } from "../../src/config/build.ts";
import { completeSettings } from "../../src/config/complete.ts";
import { systemClock } from "../../src/core/clock.ts";
import { RiptideError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Candidate } from "../../src/engine/candidates.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createGeneration } from "../../src/engine/generation.ts";
import { createGuard } from "../../src/engine/live-guard.ts";
import type { CompletionOperation } from "../../src/engine/operation.ts";
import { complete } from "../../src/engine/pipeline.ts";
import { openStages } from "../../src/engine/stages.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import { createBoard } from "../../src/resilience/board.ts";
import { type Rankable, type Snapshot, strategies } from "../../src/routing/strategies.ts";
import { columns, median } from "./measure/statistics.ts";

const ROUNDS = 7;
const PLANS = 20_000;
const CHECKS = 1_000_000;
const REQUESTS = 300;
const BREAKER = {
  ...{ failureThreshold: 5, failureWindowMs: 60_000, minRequestThreshold: 10, recoveryTimeoutMs: 30_000 },
  ...{ successRateThreshold: 0.7, halfOpenMaxRequests: 3 },
};

/** What the order of 20 candidates costs, what a breaker does, and what an open circuit costs a request. */
export async function run(): Promise<void> {
  console.log(columns([["microseconds, median of 7", "each", "aim"], ...orders(), ...breakers()]));
  console.log(`\n${columns([["a request, milliseconds, median", "each", "aim"], ...(await requests())])}`);
}

/** The time of one of many runs, in microseconds. */
function each(times: number, work: () => unknown): number {
  const took = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    for (let count = 0; count < times; count += 1) work();
    return ((performance.now() - startedAt) * 1_000) / times;
  });
  return median(took);
}

function orders(): string[][] {
  const candidates = Array.from(
    { length: 20 },
    (_, index): Rankable => ({ provider: `p${index}`, model: "m", costNano: (index * 7) % 20 }),
  );
  const snapshot: Snapshot = {
    ttftP50Ms: ({ provider }) => (provider.length * 13) % 7,
    health: (provider) => (provider.endsWith("3") ? "down" : "healthy"),
  };
  const numbers = candidates.map(({ costNano }) => costNano ?? 0);
  const baseline = each(PLANS, () => numbers.toSorted((a, b) => a - b));
  return [
    ["baseline: 20 numbers sorted", baseline.toFixed(2), ""],
    ...Object.entries(strategies).map(([name, strategy]) => [
      `order of 20 candidates, ${name}`,
      each(PLANS, () => strategy(candidates, snapshot, 3)).toFixed(2),
      "50",
    ]),
  ];
}

function breakers(): string[][] {
  const board = createBoard();
  const nowMs = performance.now();
  for (let count = 0; count < 10; count += 1) {
    const permit = board.acquire("open", BREAKER, nowMs, 1_000);
    if ("generation" in permit) board.release("open", permit, "failure", nowMs);
  }
  const pass = () => {
    const permit = board.acquire("closed", BREAKER, nowMs, 1_000);
    if ("generation" in permit) board.release("closed", permit, "success", nowMs);
  };
  return [
    ["a closed breaker looked at", each(CHECKS, () => board.look("closed", BREAKER, nowMs)).toFixed(3), "1"],
    ["an open one", each(CHECKS, () => board.look("open", BREAKER, nowMs)).toFixed(3), "1"],
    ["leave taken and its outcome noted", each(CHECKS, pass).toFixed(3), ""],
  ];
}

/** The same request with the provider that answers alone, and behind three whose circuits are open. */
async function requests(): Promise<string[][]> {
  const engine = await stage();
  const alone: number[] = [];
  const behind: number[] = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    alone.push(await timed(engine, "alone"));
    behind.push(await timed(engine, "behind"));
  }
  const cost = median(behind) - median(alone);
  return [
    ["baseline: the provider alone", median(alone).toFixed(3), ""],
    ["behind three open circuits", median(behind).toFixed(3), ""],
    ["what they cost", cost.toFixed(3), "5"],
  ];
}

const YAML = `version: 1
providers:
  dead1: { type: mock }
  dead2: { type: mock }
  dead3: { type: mock }
  live: { type: mock, reply: here }
models:
  alone: { targets: [live/m] }
  behind: { targets: [dead1/m, dead2/m, dead3/m, live/m] }
`;

async function stage(): Promise<Engine> {
  const registry = createRegistry();
  const lookup = () => undefined;
  const source = { kind: "text", text: YAML, shown: "bench" } as const;
  const { draft } = await buildDraft({ source, overrides: [], registry, lookup });
  const { settings } = completeSettings(draft, lookup);
  const random = seededRandom(1);
  const generation = createGeneration(
    { ...settings, path: null, revision: draft.revision },
    {
      ...{ clock: systemClock, registry, environment: lookup },
      readFile: (path) => Promise.reject(new Error(`no file ${path}`)),
      resolve: async (value) => value as never, // A mock provider has no secrets.
      createTransport: () => () => Promise.reject(new Error("no network here")),
    },
  );
  const guard = createGuard({
    ...{ clock: systemClock, random, history: async () => undefined },
    retryBudget: { ratio: 0.2, floor: 10 },
  });
  for (const provider of ["dead1", "dead2", "dead3"]) {
    const candidate: Candidate = { provider, model: "m", loaded: await generation.provider(provider) };
    const error = new RiptideError("provider_error", "broken");
    for (let count = 0; count < 10; count += 1) {
      const pass = guard.enter(candidate, "completion", 1_000);
      if ("end" in pass) pass.end({ error, sliceMs: 5_000, configuredDeadlineMs: 5_000 });
    }
  }
  return { generation, stages: openStages, guard, clock: systemClock, random };
}

async function timed(engine: Engine, model: string): Promise<number> {
  const startedAt = performance.now();
  const operation: CompletionOperation = {
    ...{
      id: "rq_bench",
      tenant: "default",
      dialect: "cli",
      via: "in-process" as const,
      tags: {},
      route: { model },
    },
    ...{ stream: true, strictParams: false, showReasoning: false, signal: new AbortController().signal },
    request: { messages: [{ role: "user", content: "hi" }] },
  };
  for await (const event of complete(operation, engine)) {
    if (event.type === "delta") return performance.now() - startedAt;
    if (event.type === "error") throw event.error;
  }
  throw new Error("nobody answered");
}
