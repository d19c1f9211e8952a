import { describe, expect, it } from "vitest";
import { fitCandidates, loadCandidates } from "../../src/engine/candidates.ts";
import { CAPABILITIES, type Capability } from "../../src/providers/capabilities.ts";
import { ask } from "../helpers/ask.ts";
import { failureOfPromise } from "../helpers/drive.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";

const good = answers("hello");
const target = (provider: string) => ({ provider, model: "m" });
const without = (...words: Capability[]) => CAPABILITIES.filter((word) => !words.includes(word));

describe("candidates (FB-2)", () => {
  it("leave out what is disabled, with the reason", async () => {
    const stage = await fakeStage({ a: [good], b: [good] }, { entries: { a: { enabled: false } } });
    const { candidates, skipped } = await loadCandidates([target("a"), target("b")], stage.generation);
    expect(candidates.map(({ provider }) => provider)).toEqual(["b"]);
    expect(skipped).toMatchObject([{ provider: "a", reason: "disabled" }]);
    expect(stage.provider.a).toBeUndefined();
  });

  it("leave out what its configuration does not let run", async () => {
    const entries = { a: { type: "ollama", ca_file: "/nowhere/ca.pem" } };
    const stage = await fakeStage({ a: [good], b: [good] }, { entries });
    const { candidates, skipped } = await loadCandidates([target("a"), target("b")], stage.generation);
    expect(candidates.map(({ provider }) => provider)).toEqual(["b"]);
    expect(skipped).toMatchObject([
      { provider: "a", reason: "misconfigured", error: { code: "config_invalid" } },
    ]);
    expect(skipped[0]?.error.message).toBe("the ca_file of provider a cannot be read: /nowhere/ca.pem");
  });

  it("fail the operation when a provider cannot be loaded for another cause", async () => {
    const stage = await fakeStage({ a: [good] });
    const provider = () => Promise.reject(new TypeError("a bug"));
    const loading = loadCandidates([target("a")], { ...stage.generation, provider });
    expect(await failureOfPromise(loading)).toMatchObject({ code: "internal", message: "a bug" });
  });

  it("are fitted each to its own model", async () => {
    const entries = { a: { models: { m: { supports: without("temperature"), max_output: 100 } } } };
    const stage = await fakeStage({ a: [good], b: [good] }, { entries });
    const { candidates } = await loadCandidates([target("a"), target("b")], stage.generation);
    const request = {
      messages: [{ role: "user", content: "hi" }],
      temperature: 0.5,
      maxTokens: 500,
    } as const;
    const fitted = fitCandidates(candidates, request, { stream: true, strict: false });
    expect(fitted.candidates).toMatchObject([
      { request: { model: "m", stream: true, maxTokens: 100 } },
      { request: { temperature: 0.5, maxTokens: 500 }, warnings: [] },
    ]);
    expect(fitted.candidates[0]?.request.temperature).toBeUndefined();
    expect(fitted.candidates[0]?.warnings).toHaveLength(2);
    const strict = fitCandidates(candidates, request, { stream: true, strict: true });
    expect(strict.skipped).toMatchObject([
      { provider: "a", reason: "unsupported", error: { code: "unsupported" } },
    ]);
  });

  it("that are all unsuitable send nothing and exit with 9", async () => {
    const entries = { a: { models: { m: { supports: without("tools") } } } };
    const stage = await fakeStage({ a: [good] }, { entries });
    const tools = [{ name: "t", parameters: { type: "object" } }];
    const asked = ask(stage, { request: { tools } });
    await asked.done;
    expect(asked.failure).toMatchObject({
      error: { code: "unsupported", exit: 9 },
      attempts: [],
      skipped: [{ provider: "a", reason: "unsupported" }],
    });
    expect(stage.provider.a?.calls).toHaveLength(0);
  });

  it("warn in the result of what was left out, and of nothing the others lack", async () => {
    const entries = { b: { models: { m: { supports: without("seed") } } } };
    const asked = ask(await fakeStage({ a: [good], b: [good] }, { entries }), { request: { seed: 7 } });
    await asked.done;
    expect(asked.result?.warnings).toEqual([]);
  });
});
