import { describe, expect, it } from "vitest";
import { expectErrorText, openai, useStage } from "./stage.ts";
import { yamlOf } from "./vendors.ts";

const stage = useStage();

describe("embed", () => {
  const vectors = [
    [0.5, -0.25],
    [1, 0],
  ];
  const embedding = ["-m", `openai/${openai.embeddingModel}`];

  async function withVectors(count: number) {
    const simulator = await stage.simulate(openai, {
      kind: "answer",
      vectors: vectors.slice(0, count),
      usage: { input: 4, output: 0 },
    });
    return { simulator, place: await stage.workplace(yamlOf([[openai, simulator.url]])) };
  }

  it.each([
    ["arguments", ["a", "b"], "null", ["a", "b"]],
    ["lines of stdin", ["--lines"], "a\r\nb\n\n", ["a", "b"]],
    ["lines of a file", ["--lines", "-f", "two.txt"], "null", ["one", "two"]],
  ] as const)("makes a vector of each of the %s", async (_name, args, stdin, texts) => {
    const { simulator, place } = await withVectors(2);
    await place.write("two.txt", "one\ntwo\n");
    const { code, stdout } = await place.run(["embed", ...args, ...embedding], { stdin });
    expect([code, stdout]).toEqual([0, "[0.5,-0.25]\n[1,0]\n"]);
    expect(simulator.requests[0]?.json).toMatchObject({ input: texts });
  });

  it.each([
    ["stdin", [], "whole\ntext"],
    ["a file", ["-f", "whole.txt"], "null"],
  ] as const)("makes one vector of %s", async (_name, args, stdin) => {
    const { simulator, place } = await withVectors(1);
    await place.write("whole.txt", "whole\ntext");
    const { code, stdout } = await place.run(["embed", ...args, ...embedding], { stdin });
    expect([code, stdout]).toEqual([0, "[0.5,-0.25]\n"]);
    expect(simulator.requests[0]?.json).toMatchObject({ input: ["whole\ntext"] });
  });

  it("prints JSON, JSON lines and CSV", async () => {
    const { place } = await withVectors(2);
    const run = async (format: string) =>
      (await place.run(["embed", "a", "b", ...embedding, "-o", format])).stdout;
    const document = JSON.parse(await run("json"));
    expect(document).toStrictEqual({
      schema: "riptide.embedding/1",
      id: expect.stringMatching(/^rq_/),
      ok: true,
      provider: "openai",
      model: openai.embeddingModel,
      dimensions: 2,
      embeddings: vectors,
      usage: expect.objectContaining({ input_tokens: 4, source: "reported" }),
      cost: { usd: "0.00000008", priced: true, price_version: expect.stringMatching(/^genai-prices@/) },
      timing: { total_ms: expect.any(Number), first_token_ms: null, queue_ms: 0 },
      attempts: [expect.objectContaining({ provider: "openai", outcome: "ok" })],
      skipped: [],
    });
    const lines = (await run("jsonl"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const { id } = lines[0];
    expect(lines.slice(0, 2)).toStrictEqual(
      vectors.map((vector, index) => ({ type: "embedding", id, index, embedding: vector })),
    );
    expect(lines[2]).toMatchObject({
      type: "end",
      id,
      embedding: { schema: "riptide.embedding/1", dimensions: 2 },
    });
    expect(await run("csv")).toBe("d0,d1\r\n0.5,-0.25\r\n1,0\r\n");
  });

  it("fails like everything else, in JSON lines with an error event", async () => {
    const simulator = await stage.simulate(openai, { kind: "failure", failure: "auth" });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const { code, stdout } = await place.run(["embed", "a", ...embedding, "-o", "jsonl"]);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "error",
      schema: "riptide.error/1",
      error: { code: "auth_failed" },
      attempts: [{ n: 1 }],
    });
    // The refused key is left alone for a while, by the next process too.
    const text = await place.run(["embed", "a", ...embedding]);
    expect([text.code, simulator.requests.length]).toEqual([4, 1]);
    expectErrorText(text.stderr, "auth_failed");
  });

  it("needs a text, says with -u what was used and costs, and takes a cap", async () => {
    const { place } = await withVectors(1);
    const none = await place.run(["embed", ...embedding]);
    expect(none.stderr).toMatch(/^error\[usage\]: no text to embed\nhint: riptide embed /);
    const used = await place.run(["embed", "a", "-u", ...embedding]);
    expect(used.stderr).toMatch(/^openai\/\S+ · 4 in · \$0\.000000080 · \d+.* · rq_\w+\n$/);
    expect((await place.run(["embed", "a", ...embedding, "--max-cost", "0.00000001"])).code).toBe(8);
  });
});
