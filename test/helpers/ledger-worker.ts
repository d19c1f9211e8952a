/**
 * A process of its own that sends many completions of the mock provider through the engine and the ledger, a number of
 * them at a time. Prints a line for each that was answered, as soon as it is booked, and at the end what came of all.
 * Arguments: the folder (with providers.yaml), requests, at a time, seed.
 */
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { buildDraft } from "../../src/config/build.ts";
import { completeSettings } from "../../src/config/complete.ts";
import { systemClock } from "../../src/core/clock.ts";
import { seededRandom } from "../../src/core/random.ts";
import { createGeneration } from "../../src/engine/generation.ts";
import { openGuard } from "../../src/engine/guard.ts";
import { guardedStages } from "../../src/engine/guarded-stages.ts";
import { complete } from "../../src/engine/pipeline.ts";
import { createPriceBook } from "../../src/ledger/price-book.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import { admissionBooks } from "../../src/store/admission-books.ts";
import { appendEmergency } from "../../src/store/emergency.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementBooks } from "../../src/store/settle.ts";

const [folder = ".", requests = "1", atATime = "1", seed = "1"] = process.argv.slice(2);
const clock = systemClock;
const path = join(folder, "ledger.db");

async function engine() {
  const registry = createRegistry();
  const text = readFileSync(join(folder, "providers.yaml"), "utf8");
  const lookup = () => undefined;
  const source = { kind: "text", text, shown: "worker" } as const;
  const { draft } = await buildDraft({ source, overrides: [], registry, lookup });
  const { settings } = completeSettings(draft, lookup);
  const generation = createGeneration(
    { ...settings, path: null, revision: draft.revision },
    {
      clock,
      registry,
      environment: lookup,
      readFile: () => Promise.reject(new Error("no files here")),
      resolve: async (value) => value as never, // A mock provider has no secrets.
      createTransport: () => () => Promise.reject(new Error("no network here")),
    },
  );
  const prices = createPriceBook(undefined);
  const stages = guardedStages({
    clock,
    prices,
    keep: (settlement) => appendEmergency(path, settlement),
    async open() {
      const database = await openDatabase({ path, durability: "normal", clock, mayStartFresh: false });
      const owner = thisProcess();
      return {
        ...admissionBooks(database, { clock, owner }),
        ...settlementBooks(database, clock),
        prices,
        circuits: async () => undefined,
        samples: async () => [],
        probes: async () => [],
        check: async () => {},
      };
    },
  });
  return { generation, stages, guard: openGuard, clock, random: seededRandom(1) };
}

const running = await engine();
const tally: Record<string, number> = {};
let next = 0;
let random = Number(seed);

/** A small repeatable generator (the minimal standard of Park and Miller). */
function draw(below: number): number {
  random = (random * 48_271) % 2_147_483_647;
  return random % below;
}

async function ask(): Promise<string> {
  const n = next++;
  const id = `rq_${seed}_${n}`;
  const controller = new AbortController();
  const provider = `p${draw(10)}`;
  for await (const event of complete(
    {
      ...{ id, tenant: "acme", dialect: "cli", via: "in-process", tags: {} },
      route: { model: `${provider}/m` },
      request: { messages: [{ role: "user", content: "hello" }], maxTokens: 100 },
      ...{ stream: false, strictParams: false, showReasoning: false, signal: controller.signal },
    },
    running,
  )) {
    if (event.type === "end") {
      writeSync(1, `${id}\n`);
      return "ok";
    }
    if (event.type === "error") return event.error.code;
  }
  return "nothing";
}

async function worker(): Promise<void> {
  while (next < Number(requests)) {
    const outcome = await ask();
    tally[outcome] = (tally[outcome] ?? 0) + 1;
  }
}

await Promise.all(Array.from({ length: Number(atATime) }, worker));
writeSync(1, `${JSON.stringify(tally)}\n`);
