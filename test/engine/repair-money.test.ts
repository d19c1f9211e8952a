import { expect, it } from "vitest";
import { openStages, type Stages } from "../../src/engine/stages.ts";
import { ask } from "../helpers/ask.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";

it("a repair of an answer is reserved with all that it is sent, the invalid answer included (LG-3)", async () => {
  const wrong = JSON.stringify({ wrong: "y".repeat(12_000) });
  const raises: number[] = [];
  const stages: Stages = {
    ...openStages,
    async raise(_id, heldNano) {
      raises.push(heldNano);
      return true;
    },
  };
  const stage = await fakeStage(
    { a: [answers(wrong), answers('{"a":1}')] },
    { entries: { a: { prices: { m: { input: 10, output: 10 } } } }, failover: { repair: "first" } },
  );
  const schema = { name: "answer", schema: { type: "object", required: ["a"] } };
  const asked = ask(stage, { stages, stream: false, request: { maxTokens: 3_000, schema } });
  await asked.done;
  const [first, repair] = asked.result?.attempts.map(({ charge }) => charge) ?? [];
  expect(repair?.inputTokens).toBeGreaterThan(2_000);
  // What the first one cost, what the repair is sent, and the longest answer it may give; 10,000 nano-dollars a token.
  const needed = (first?.costNano ?? 0) + ((repair?.inputTokens ?? 0) + 3_000) * 10_000;
  expect(raises[0]).toBeGreaterThanOrEqual(needed);
});
