import { expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { createGeneration } from "../../src/engine/generation.ts";
import { definePlugin } from "../../src/providers/plugin.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import { failureOfPromise } from "../helpers/drive.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";

/** A generation of one provider that can be built from its third try on. */
async function flaky(rebuildAfterMs?: number) {
  const { config, clock, generation } = await fakeStage({ a: [answers("hello")] });
  const { adapter, baseUrl } = await generation.provider("a");
  const built = { count: 0 };
  const type = {
    ...{ operations: ["complete"] as const, authentication: "none", options: () => Promise.reject() },
    async create() {
      built.count += 1;
      if (built.count < 3) throw new RiptideError("secret_missing", "the key is not there yet");
      return { adapter, baseUrl };
    },
  };
  const registry = createRegistry([], definePlugin({ apiVersion: 1, types: { fake: type } }).types);
  const made = createGeneration(config, {
    ...{ clock, registry, environment: () => undefined, readFile: async () => "" },
    resolve: async (value) => value as never, // The entry of the fake has no secrets.
    createTransport: () => () => Promise.reject(new Error("nothing is sent")),
    ...(rebuildAfterMs !== undefined && { rebuildAfterMs }),
  });
  return { clock, built, provider: () => made.provider("a") };
}

it("builds a provider anew that could not be built, a while later and once for all who ask", async () => {
  const { clock, built, provider } = await flaky(1_000);
  await failureOfPromise(provider());
  await clock.advance(999);
  expect(await failureOfPromise(provider())).toMatchObject({ code: "secret_missing" });
  expect(built.count).toBe(1);
  await clock.advance(1);
  await Promise.allSettled([provider(), provider()]);
  expect(built.count).toBe(2);
  await clock.advance(1_000);
  expect((await provider()).entry.id).toBe("a");
  await clock.advance(5_000);
  await provider();
  expect(built.count).toBe(3);
});

it("keeps a provider that could not be built as it is where nobody wants it otherwise", async () => {
  const { clock, built, provider } = await flaky();
  await failureOfPromise(provider());
  await clock.advance(3_600_000);
  await failureOfPromise(provider());
  expect(built.count).toBe(1);
});
