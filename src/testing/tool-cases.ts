import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { CompletionRequest } from "../core/completion.ts";
import { contains } from "./check.ts";
import type { Answer } from "./scenario.ts";
import { ask, calls, type Register, text, usage, weather } from "./stage.ts";

const asTools = (request: Partial<CompletionRequest> = {}) => ask({ tools: [weather], ...request });
const scenario = (count: 1 | 2): Answer => ({ kind: "answer", toolCalls: calls.slice(0, count), usage });

export function tools(register: Register): void {
  toolCalls(register);
  toolChoices(register);
}

function toolCalls(register: Register): void {
  register(
    "reads a tool call, whole and streamed",
    async ({ simulator, driver, sent }) => {
      simulator.play(scenario(1));
      const whole = await driver.complete(asTools());
      contains(sent(), "place_name");
      const { completion } = await driver.stream(asTools());
      for (const { toolCalls, finish } of [whole, completion]) {
        equal(finish, "tool_calls");
        deepEqual(toolCalls.map(readCall), [[calls[0].name, calls[0].arguments]]);
        ok(toolCalls[0]?.id);
      }
    },
    "tools",
  );

  register(
    "keeps parallel tool calls apart",
    async ({ simulator, driver }) => {
      simulator.play(scenario(2), { ...scenario(2), delivery: { slice: 7 } });
      const whole = await driver.complete(asTools());
      const { completion } = await driver.stream(asTools());
      for (const { toolCalls } of [whole, completion]) {
        deepEqual(
          toolCalls.map(readCall),
          calls.map((call) => [call.name, call.arguments]),
        );
        equal(new Set(toolCalls.map(({ id }) => id)).size, 2);
      }
    },
    "parallel tools",
  );

  register(
    "sends tool calls and their results back",
    async ({ simulator, driver, sent }) => {
      simulator.play(text);
      await driver.complete(asTools({ messages: conversation() }));
      for (const part of ["rain and wind", "no such place", "Vigo"]) contains(sent(), part);
    },
    "tools",
  );
}

function toolChoices(register: Register): void {
  register(
    "has no tool called when none may be",
    async ({ simulator, driver, sent }) => {
      simulator.play(text);
      await driver.complete(asTools({ toolChoice: "none" }));
      // Where the vendor has no word for it, the tools themselves are left out.
      if (sent().includes("weather_at")) match(sent(), /"none"/i);
      await driver.complete(asTools({ toolChoice: "none", messages: conversation() }));
    },
    "tools",
  );

  register(
    "asks for one call at a time in words the vendor takes",
    async ({ simulator, driver, sent }) => {
      simulator.play(scenario(1));
      await driver.complete(asTools({ parallelToolCalls: false }));
      contains(sent(), "weather_at");
    },
    "tools",
  );

  register(
    "forces a named tool",
    async ({ simulator, driver, sent }) => {
      simulator.play(scenario(1));
      await driver.complete(asTools({ toolChoice: "auto" }));
      const free = sent();
      await driver.complete(asTools({ toolChoice: { name: "weather_at" } }));
      ok(sent().split("weather_at").length > free.split("weather_at").length);
      await driver.complete(asTools({ toolChoice: "required" }));
      notEqual(sent(), free);
    },
    "forced tool",
  );
}

const readCall = (call: { readonly name: string; readonly arguments: string }) => [
  call.name,
  JSON.parse(call.arguments),
];

/** Two tool calls of one turn with their results, one of them failed. */
function conversation(): CompletionRequest["messages"] {
  const toolCalls = calls.map((call) => ({ ...call, arguments: JSON.stringify(call.arguments) }));
  return [
    ...ask().messages,
    { role: "assistant", content: "", toolCalls },
    { role: "tool", toolCallId: "call_a1", name: "weather_at", content: "rain and wind" },
    { role: "tool", toolCallId: "call_b2", name: "weather_at", content: "no such place", isError: true },
    { role: "user", content: "And tomorrow?" },
  ];
}
