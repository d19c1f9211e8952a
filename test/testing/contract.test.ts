import { describe, expect, it } from "vitest";
import type { Adapter } from "../../src/providers/adapter.ts";
import { mockAdapter } from "../../src/providers/mock/adapter.ts";
import { adapterCases } from "../../src/testing/index.ts";
import { mockDialect } from "../helpers/dialects/mock.ts";

/** Runs the case of that name against an adapter with a fault. */
async function run(name: string, spoil: (adapter: Adapter) => Partial<Adapter>): Promise<void> {
  const cases = adapterCases({
    dialect: mockDialect,
    model: "mock-small",
    async create(baseUrl) {
      const adapter = mockAdapter(baseUrl);
      return { baseUrl, adapter: { ...adapter, ...spoil(adapter) } };
    },
  });
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`no case ${name}`);
  await found.run();
}

describe("the contract suite of riptide/testing", () => {
  it.each<[string, string, (adapter: Adapter) => Partial<Adapter>]>([
    [
      "text that is lost",
      "reads a whole answer",
      (adapter) => ({ fromWire: (...given) => ({ ...adapter.fromWire(...given), text: "" }) }),
    ],
    [
      "an end that is made up",
      "never takes a cut connection for an answer (SR-1)",
      () => ({ decoder: () => () => [{ type: "done" }] }),
    ],
    [
      "an error under a wrong code",
      "reports auth by its code, whole and streamed",
      (adapter) => ({ classify: (failure) => adapter.classify({ ...failure, status: 500 }) }),
    ],
    [
      "a request the vendor refuses",
      "passes sampling on",
      (adapter) => ({
        toWire: (request) => ({ ...adapter.toWire(request), url: `${adapter.toWire(request).url}s` }),
      }),
    ],
    [
      "a parameter that the model takes and the adapter drops",
      "passes sampling on",
      (adapter) => ({ toWire: ({ stop: _stop, ...request }) => adapter.toWire(request) }),
    ],
    [
      "a word for what a model takes that there is not",
      "says what a model can take in the words there are",
      () => ({ facts: () => ({ supports: new Set(["topP" as "top_p"]) }) }),
    ],
    [
      "a probe that anything satisfies",
      "fails a probe that is answered by something else (HM-3)",
      (adapter) => ({ probe: { ...adapter.probe, fromWire: () => ({ detail: "fine" }) } }),
    ],
  ])("finds %s", async (_what, name, spoil) => {
    await expect(run(name, () => ({}))).resolves.toBeUndefined();
    await expect(run(name, spoil)).rejects.toThrow();
  });

  it("wants nothing sent that the model is said not to take", async () => {
    const supports = new Set(["temperature"] as const);
    await expect(run("passes sampling on", () => ({ facts: () => ({ supports }) }))).resolves.toBeUndefined();
  });

  it("tells a fault of the dialect instead of hanging on it", async () => {
    const dialect = { ...mockDialect, render: () => JSON.parse("no JSON") };
    const create = async (baseUrl: string) => ({ baseUrl, adapter: mockAdapter(baseUrl) });
    const [first] = adapterCases({ dialect, model: "mock-small", create });
    await expect(first?.run()).rejects.toThrow();
  });

  it("leaves out what an adapter cannot do, with the reason", () => {
    const cases = adapterCases({
      ...{ dialect: mockDialect, model: "m", skips: { reasoning: "it does not reason" } },
      create: () => Promise.reject(new Error("not run")),
    });
    const skipped = cases.filter(({ skip }) => skip !== undefined);
    expect(skipped.map(({ name, skip }) => [name, skip])).toEqual([
      ["keeps reasoning apart from the text", "it does not reason"],
    ]);
    expect(cases.length).toBeGreaterThan(45);
  });
});
