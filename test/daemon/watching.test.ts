import { expect, it } from "vitest";
import type { Attempt } from "../../src/engine/events.ts";
import { controlStage } from "./control/control-stage.ts";

it("a first token is one of a stream: a whole answer is late by itself, and nobody's fault (HM-4)", async () => {
  const { ask, watching, get } = await controlStage();
  const seen: Attempt[] = [];
  watching.health({ tried: (attempt) => void seen.push(attempt) });
  const observed = async () => {
    const { text } = await get("/metrics");
    return /^riptide_first_token_seconds_count\{.*\} (\d+)$/m.exec(text)?.[1] ?? "0";
  };
  const complete = (stream: boolean) =>
    ask("POST", "/v1/chat/completions", {
      ...{ model: "default", stream, messages: [{ role: "user", content: "hi" }] },
    });
  await complete(false);
  expect([seen.map(({ firstTokenMs }) => firstTokenMs), await observed()]).toEqual([[null], "0"]);
  await complete(true);
  expect([seen[1]?.firstTokenMs, await observed()]).toEqual([expect.any(Number), "1"]);
});
