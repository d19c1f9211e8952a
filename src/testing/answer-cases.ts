import { deepEqual, equal, match, ok } from "node:assert/strict";
import { CAPABILITIES } from "../providers/capabilities.ts";
import { contains, has } from "./check.ts";
import type { Answer } from "./scenario.ts";
import { ask, IMAGE_URL, PNG, type Register, TEXT, TOKENS, text, usage } from "./stage.ts";

export function answers(register: Register): void {
  register("reads a whole answer", async ({ simulator, driver }) => {
    simulator.play(text);
    const completion = await driver.complete(ask());
    has(completion, { text: TEXT, finish: "stop", toolCalls: [], reasoning: "" });
    equal(completion.unknownFinish, undefined);
  });

  register("reads a streamed answer token by token", async ({ simulator, driver }) => {
    simulator.play(text);
    const { events, completion } = await driver.stream(ask());
    has(completion, { text: TEXT, finish: "stop", toolCalls: [] });
    const deltas = events.flatMap((event) => (event.type === "delta" ? [event.text] : []));
    deepEqual(deltas, TOKENS);
    equal(events.filter((event) => event.type === "finish").length, 1);
  });

  register("reads the same text when the stream is split at every byte", async ({ simulator, driver }) => {
    simulator.play({ ...text, delivery: { slice: 1 } });
    const { completion } = await driver.stream(ask());
    equal(completion.text, TEXT);
    has(completion.usage, { inputTokens: 40, outputTokens: 9 });
  });

  register(
    "keeps reasoning apart from the text",
    async ({ simulator, driver }) => {
      const scenario: Answer = { ...text, reasoning: "The moon says noon." };
      simulator.play(scenario);
      const whole = await driver.complete(ask());
      const { completion } = await driver.stream(ask());
      for (const answer of [whole, completion]) {
        has(answer, { text: TEXT, reasoning: "The moon says noon." });
      }
    },
    "reasoning",
  );
}

export function requests(register: Register): void {
  register("asks for the model by its name", async ({ simulator, driver, setup, sent }) => {
    simulator.play(text);
    await driver.complete(ask());
    const path = simulator.requests.at(-1)?.path ?? "";
    contains(`${decodeURIComponent(path)} ${sent()}`, setup.wireModel ?? setup.model);
  });

  register(
    "passes sampling on",
    async ({ simulator, driver, instance, setup, sent }) => {
      simulator.play(text);
      // What the model is said not to take is left out before the adapter sees it.
      const { supports } = instance.adapter.facts(setup.model);
      await driver.complete(ask({ temperature: 0.25, stop: ["HALT"], maxTokens: 77 }));
      contains(sent(), "77");
      if (supports.has("temperature")) contains(sent(), "0.25");
      if (supports.has("stop")) contains(sent(), "HALT");
      // Some models take only one of the two.
      await driver.complete(ask({ topP: 0.75 }));
      if (supports.has("top_p")) contains(sent(), "0.75");
    },
    "sampling",
  );

  register("says what a model can take in the words there are", async ({ instance, setup }) => {
    const { supports } = instance.adapter.facts(setup.model);
    ok(supports instanceof Set, "facts gives no Set of supports");
    const words: readonly string[] = CAPABILITIES;
    const strange = [...supports].filter((word) => !words.includes(word));
    deepEqual(strange, [], `supports knows ${words.join(", ")}, and not ${strange.join(", ")}`);
  });

  register("says effort and seed in words the vendor takes", async ({ simulator, driver }) => {
    simulator.play(text);
    for (const effort of ["none", "minimal", "low", "high", "max"] as const) {
      await driver.complete(ask({ effort, seed: 7, maxTokens: 9_000 }));
    }
    equal(simulator.requests.length, 5);
  });

  register(
    "passes an output schema on",
    async ({ simulator, driver, sent }) => {
      simulator.play({ kind: "answer", tokens: ['{"harbour_name"', ':"Brest"}'], usage });
      const schema = {
        type: "object",
        properties: { harbour_name: { type: "string" } },
        required: ["harbour_name"],
        additionalProperties: false,
      };
      const completion = await driver.complete(ask({ schema: { name: "harbour", schema } }));
      deepEqual(JSON.parse(completion.text), { harbour_name: "Brest" });
      contains(sent(), "harbour_name");
    },
    "schema",
  );
}

const withImage = (image: { mime: "image/png"; base64: string } | { url: string }) =>
  ask({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image", ...image },
        ],
      },
    ],
  });

export function images(register: Register): void {
  register(
    "sends an image by value",
    async ({ simulator, driver, setup, sent }) => {
      simulator.play(text);
      await driver.complete(withImage({ mime: "image/png", base64: PNG }));
      contains(sent(), PNG);
      if (!setup.noImageType) match(sent(), /png/);
    },
    "image bytes",
  );
  register(
    "sends an image by address",
    async ({ simulator, driver, sent }) => {
      simulator.play(text);
      await driver.complete(withImage({ url: IMAGE_URL }));
      contains(sent(), IMAGE_URL);
    },
    "image url",
  );
}

export function usages(register: Register): void {
  register(
    "counts cached tokens as part of the prompt",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, usage: { input: 1_000, output: 9, cacheRead: 600 } });
      const whole = await driver.complete(ask());
      const { completion } = await driver.stream(ask());
      for (const answer of [whole, completion]) {
        has(answer.usage, { inputTokens: 1_000, outputTokens: 9, cacheReadTokens: 600 });
        equal(answer.usage?.source, "reported");
      }
    },
    "cached usage",
  );

  register(
    "leaves usage out when the vendor does",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, usage: null });
      equal((await driver.complete(ask())).usage, undefined);
      const { completion } = await driver.stream(ask());
      has(completion, { text: TEXT });
      equal(completion.usage, undefined);
    },
    "usage missing",
  );
}
