import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OPENAI, openAiDialect } from "../helpers/dialects/openai.ts";
import { type Simulator, startSimulator } from "../helpers/simulator.ts";

const ROOT = resolve(import.meta.dirname, "../..");

let folder: string;
let simulator: Simulator;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riptide-readme-"));
  simulator = await startSimulator(openAiDialect(OPENAI));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the README's example of the library", () => {
  it("runs as written, once its vendor is a simulated one", async () => {
    const readme = await readFile(join(ROOT, "README.md"), "utf8");
    const [, example = ""] = /```ts\n(import [\s\S]*?)```/.exec(readme) ?? [];
    const told: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void told.push(line));
    vi.stubEnv("OPENAI_API_KEY", "sk-simulated");
    vi.stubEnv("RIPTIDE_STATE_DIR", folder);
    simulator.play({ kind: "answer", tokens: ["Qubits", " and", " gates."], usage: { input: 9, output: 3 } });

    const here = example
      .replace('"riptide"', JSON.stringify(join(ROOT, "src/index.ts")))
      .replace('"main", "openai"', `"main", "openai", { base_url: "${simulator.url}/v1" }`);
    const path = join(folder, "ask.mts");
    await writeFile(path, here);
    await import(path);

    expect(told).toEqual(["Response: Qubits and gates."]);
    expect(simulator.problems).toEqual([]);
    expect(simulator.requests[0]?.json).toMatchObject({
      model: "gpt-4",
      messages: [{ role: "user", content: "Explain quantum computing" }],
    });
  });
});
