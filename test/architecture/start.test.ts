import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkplace, VENDORS, type Vendor, type Workplace, yamlOf } from "../e2e/vendors.ts";
import { runCli } from "../helpers/run-cli.ts";
import { type Simulator, startSimulator } from "../helpers/simulator.ts";
import { buildProduct, type Loaded, type Product } from "./product.ts";

/** What a call needs to read a configuration file that it has not read before. */
const READS_CONFIG = ["yaml", "zod"];
/** Node's own fetch, which an `import` of node:http brings along. */
const FETCH = "NativeModule internal/deps/undici/undici";

let product: Product;
beforeAll(async () => {
  product = await buildProduct();
});
afterAll(() => product.remove());

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

const record = (...args: string[]) => product.record((options) => runCli(args, options));
const adaptersOf = ({ sources }: Loaded) =>
  sources.flatMap((file) => /^providers\/(\w+)\/adapter\.ts$/.exec(file)?.[1] ?? []);

/** A folder whose configuration names one vendor, simulated. */
async function placeOf(vendor: Vendor): Promise<{ place: Workplace; simulator: Simulator }> {
  const simulator = await startSimulator(vendor.dialect);
  simulator.play({ kind: "answer", tokens: ["one", " two"] });
  const place = await openWorkplace(yamlOf([[vendor, simulator.url]]));
  open.push({ close: () => simulator.close() }, { close: () => place.remove() });
  return { place, simulator };
}

const call = (place: Workplace, ...args: string[]) =>
  product.record(({ env, ...options }) => place.run(args, { ...options, ...(env && { env }) }));

/** A file that was just written is not trusted to stay as it is, so the first calls read it again. */
async function callWarm(place: Workplace, ...args: string[]): Promise<Loaded> {
  for (let tries = 0; tries < 20; tries += 1) {
    const loaded = await call(place, ...args);
    if (!loaded.packages.includes("yaml")) return loaded;
  }
  throw new Error("the configuration is read again at every call");
}

/** What stands where the daemon would, and answers every completion alike. */
async function standIn({ folder }: Workplace): Promise<readonly string[]> {
  const asked: string[] = [];
  const completion = {
    ...{ id: "rq_1", data: null, tool_calls: [], finish: "stop", provider: "p", model: "m", warnings: [] },
    ...{ requested: { model: "default", strategy: "sequential" }, tenant: "default", tags: {} },
    ...{
      usage: {},
      cost: { price_version: null },
      timing: {},
      attempts: [],
      skipped: [],
      config_revision: "r",
    },
  };
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const config = { path: join(folder, "providers.yaml"), revision: "r" };
    const lines = [
      { type: "start", id: "rq_1", plan: [] },
      { type: "delta", text: "hi" },
      { type: "end", completion },
    ];
    if (request.url !== "/riptide/v1/hello")
      response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    else response.end(JSON.stringify({ schema: "riptide.hello/1", protocol: 1, state: "running", config }));
  });
  await mkdir(join(folder, "run/riptide"), { recursive: true, mode: 0o700 });
  await new Promise<void>((resolve) => server.listen(join(folder, "run/riptide/riptide.sock"), resolve));
  open.push({ close: () => new Promise((resolve) => void server.close(() => resolve())) });
  return asked;
}

describe("what is loaded", () => {
  it("for --version is the start and nothing else", async () => {
    const { chunks, packages, builtins } = await record("--version");
    expect(chunks).toEqual(["main.js", expect.stringMatching(/^start-/)]);
    expect(packages).toEqual([]);
    expect(builtins).not.toContain(FETCH);
    expect(builtins).not.toContain("NativeModule worker_threads");
    expect(builtins).not.toContain("NativeModule crypto");
  });

  it("for --help is commander at most", async () => {
    const { packages, sources } = await record("--help");
    expect(packages.filter((name) => name !== "commander")).toEqual([]);
    expect(sources.filter((file) => file.startsWith("engine/"))).toEqual([]);
  });

  it("for a file it has not seen before is what reads YAML, and not what writes tables or help", async () => {
    const [vendor] = VENDORS as [Vendor];
    const { place } = await placeOf(vendor);
    const { packages, builtins } = await call(place, "complete", "hello");
    // Its price is looked up once, and remembered.
    expect(packages).toEqual(["@pydantic/genai-prices", "eventsource-parser", ...READS_CONFIG]);
    expect(builtins).not.toContain(FETCH);
  });

  it.each(VENDORS)("for a completion by $name is its adapter alone, from few files", async (vendor) => {
    const { place, simulator } = await placeOf(vendor);
    const loaded = await callWarm(place, "complete", "hello");
    expect(simulator.problems).toEqual([]);
    expect(loaded.packages.filter((name) => name !== "eventsource-parser")).toEqual([]);
    expect(adaptersOf(loaded)).toEqual([vendor.name === "azure" ? "openai" : vendor.name]);
    expect(loaded.chunks.length).toBeLessThanOrEqual(20);
    expect(loaded.builtins).not.toContain(FETCH);
    expect(loaded.builtins).not.toContain("NativeModule child_process");
  });

  it("for a completion through the daemon is the client, and neither the engine nor what reads configurations", async () => {
    const [vendor] = VENDORS as [Vendor];
    const { place, simulator } = await placeOf(vendor);
    const asked = await standIn(place);
    const loaded = await call(place, "complete", "hello");
    expect([asked, simulator.requests.length]).toEqual([["/riptide/v1/hello", "/riptide/v1/complete"], 0]);
    expect(loaded.packages).toEqual([]);
    const ofEngine = loaded.sources.filter((file) => /^(engine|providers|routing|store|wire)\//.test(file));
    // What a presenter says of an answer, and the header of a tenant's key.
    const words = ["engine/answer-check.ts", "engine/cost.ts", "engine/final-error.ts"];
    const wire = ["wire/bearer.ts", "wire/cut-secret.ts", "wire/redact.ts"];
    expect(ofEngine).toEqual([...words, "routing/target.ts", ...wire]);
    expect(loaded.sources.filter((file) => /^config\/(build|load|cache|schema)/.test(file))).toEqual([]);
    expect(loaded.chunks.length).toBeLessThanOrEqual(16);
    for (const name of [FETCH, "NativeModule crypto", "NativeModule child_process"])
      expect(loaded.builtins).not.toContain(name);
  });

  it("for one frame of the dashboard is neither Ink nor React", async () => {
    const [vendor] = VENDORS as [Vendor];
    const { place } = await placeOf(vendor);
    const { packages, sources } = await callWarm(place, "dashboard");
    expect(sources).toContain("tui/views/overview.ts");
    expect(packages.filter((name) => /^(ink|react|yoga-layout|conf)/.test(name))).toEqual([]);
  });

  it("for a table is cli-table3, and neither a parser nor a schema", async () => {
    const [vendor] = VENDORS as [Vendor];
    const { place } = await placeOf(vendor);
    const { packages } = await callWarm(place, "providers", "list");
    expect(packages).toContain("cli-table3");
    expect(packages).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(zod|yaml|commander|undici|ajv)$/)]),
    );
  });
});
