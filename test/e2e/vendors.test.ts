import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../helpers/simulator.ts";
import { openWorkplace, VENDORS, type Workplace, yamlOf } from "./vendors.ts";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const TOKENS = ["Two ", "and ", "two ", "are ", "four", " 🦊."];
const TEXT = TOKENS.join("");
const USAGE = { input: 40, output: 9, cacheRead: 24 };
const SUM = {
  type: "object",
  properties: { sum: { type: "integer" } },
  required: ["sum"],
  additionalProperties: false,
};

describe.each(VENDORS)("$name through the command line", (vendor) => {
  let simulator: Simulator;
  let place: Workplace;

  beforeAll(async () => {
    simulator = await startSimulator(vendor.dialect);
    place = await openWorkplace(yamlOf([[vendor, simulator.url]]));
  });
  // Or a provider that refused would be left alone for a while.
  beforeEach(() => place.forget());
  afterAll(async () => {
    await place.remove();
    await simulator.close();
  });

  it("streams an answer", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE, delivery: { slice: 7 } });
    const { code, stdout, stderr } = await place.run([
      "complete",
      "What is two and two?",
      "-u",
      "--max-tokens",
      "50",
    ]);
    expect(stderr).toContain(`${vendor.name}/`);
    expect([code, stdout]).toEqual([0, `${TEXT}\n`]);
  });

  it("buffers an answer and reports usage", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE });
    const { code, stdout } = await place.run(["complete", "What is two and two?", "--json"]);
    const document = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(document).toMatchObject({ schema: "riptide.completion/1", ok: true, text: TEXT, finish: "stop" });
    expect(document.usage).toMatchObject({ input_tokens: 40, output_tokens: 9, source: "reported" });
  });

  it.skipIf(!vendor.reportsCache)(
    `reports cached tokens${vendor.reportsCache ? "" : " (skipped: the vendor reports none)"}`,
    async () => {
      simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE });
      const { stdout } = await place.run(["complete", "What is two and two?", "--json"]);
      expect(JSON.parse(stdout).usage.cache_read_tokens).toBe(24);
    },
  );

  it("calls a tool", async () => {
    simulator.play({
      kind: "answer",
      toolCalls: [{ id: "call_1", name: "add", arguments: { a: 2, b: 2 } }],
      usage: USAGE,
    });
    const tools = await place.write(
      "tools.json",
      JSON.stringify([
        {
          name: "add",
          description: "adds",
          parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } },
        },
      ]),
    );
    const choice = vendor.forcesTools ? ["--tool-choice", "add"] : [];
    const { code, stdout } = await place.run(["complete", "2+2", "--tools", tools, ...choice]);
    const call = JSON.parse(stdout);
    expect([code, call.name, JSON.parse(call.arguments)]).toEqual([0, "add", { a: 2, b: 2 }]);
  });

  it("answers by a schema", async () => {
    simulator.play({ kind: "answer", tokens: ['{"sum"', ":4}"], usage: USAGE });
    const { code, stdout } = await place.run(["complete", "2+2", "--schema", JSON.stringify(SUM), "--json"]);
    expect([code, JSON.parse(stdout).data]).toEqual([0, { sum: 4 }]);
  });

  it("takes an image", async () => {
    simulator.play({ kind: "answer", tokens: ["a dot"], usage: USAGE });
    const image = await place.write("dot.png", PIXEL);
    const { code, stdout } = await place.run(["complete", "What is this?", "-a", image]);
    expect([code, stdout]).toEqual([0, "a dot\n"]);
    expect(simulator.requests.at(-1)?.body.toString()).toContain(PIXEL.toString("base64").slice(0, 40));
  });

  it.skipIf(vendor.embeddingModel === undefined)("embeds a text", async () => {
    simulator.play({ kind: "answer", vectors: [[0.6, 0.8, 0]], usage: { input: 3, output: 0 } });
    const { code, stdout } = await place.run([
      "embed",
      "a fox",
      "-m",
      `${vendor.name}/${vendor.embeddingModel}`,
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).map((value: number) => Math.round(value * 10) / 10)).toEqual([0.6, 0.8, 0]);
  });

  it("names a refused key", async () => {
    simulator.play({ kind: "failure", failure: "auth" });
    const { code, stdout, stderr } = await place.run(["complete", "hello"]);
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/^error\[auth_failed\]: /);
  });

  it("names a rate limit", async () => {
    simulator.play({ kind: "failure", failure: "rate_limit", retryAfterSeconds: 12 });
    const { code, stdout } = await place.run(["complete", "hello", "--json"]);
    const { error, attempts } = JSON.parse(stdout);
    expect([code, error.code, attempts[0].status]).toEqual([7, "rate_limited", 429]);
  });

  it.skipIf(!vendor.saysWhen)(
    `says when to come back after a rate limit${vendor.saysWhen ? "" : " (skipped: the vendor does not say)"}`,
    async () => {
      simulator.play({ kind: "failure", failure: "rate_limit", retryAfterSeconds: 12 });
      const { stdout } = await place.run(["complete", "hello", "--json"]);
      expect(JSON.parse(stdout).error.retry_after_ms).toBe(12_000);
    },
  );

  it("keeps the part of a cut stream and says that it is one", async () => {
    simulator.play({ kind: "answer", tokens: TOKENS, usage: USAGE, delivery: { cutAfterEvents: 5 } });
    const { code, stdout, stderr } = await place.run(["complete", "What is two and two?"]);
    expect(code).toBe(5);
    expect(TEXT.startsWith(stdout.slice(0, -1)) && stdout.length > 1 && stdout.endsWith("\n")).toBe(true);
    expect(stderr).toMatch(/^error\[stream_interrupted\]: /);
  });

  it("sent nothing that the vendor would refuse", () => expect(simulator.problems).toEqual([]));
});
