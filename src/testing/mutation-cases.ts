import { deepEqual, notEqual } from "node:assert/strict";
import type { Completion } from "../core/completion.ts";
import { RiptideError } from "../core/errors.ts";
import { createFramer } from "../wire/framer.ts";
import { collect } from "./drive.ts";
import type { Answer } from "./scenario.ts";
import { ask, calls, type Register, TOKENS, weather } from "./stage.ts";

/** What may stand where another value belongs (fault 25). */
const STRANGE: readonly unknown[] = [
  undefined,
  null,
  -1,
  1.5,
  1e308,
  "12",
  "",
  "constructor",
  true,
  [],
  {},
  [null],
];

const full: Answer = {
  kind: "answer",
  tokens: TOKENS.slice(0, 2),
  toolCalls: calls.slice(0, 1),
  usage: { input: 40, output: 9 },
};

/** Every value of a good answer is replaced by strange ones: what comes out is an answer or a typed error. */
export function mutations(register: Register): void {
  const request = ask({ tools: [weather] });

  register(
    "reads a whole answer with any one value of the wrong kind, or refuses it by a code",
    async ({ simulator, instance: { adapter }, driver }) => {
      simulator.play(full);
      const asked = driver.request(request);
      const reply = await driver.send(adapter.toWire(asked));
      for (const text of mutants(new TextDecoder().decode(reply.body))) {
        judge(() => adapter.fromWire({ ...reply, body: new TextEncoder().encode(text) }, asked), text);
      }
    },
    "tools",
  );

  register(
    "reads a stream with any one value of the wrong kind, or refuses it by a code",
    async ({ simulator, instance: { adapter }, driver }) => {
      simulator.play(full);
      const asked = driver.request(request, true);
      const { body } = await driver.send(adapter.toWire(asked));
      const framer = await createFramer(adapter.framing);
      const frames = [...framer.push(body), ...framer.end()];
      for (const [index, frame] of frames.entries()) {
        if (!frame.data.startsWith("{")) continue;
        for (const data of mutants(frame.data)) {
          const decode = adapter.decoder(asked);
          judge(() => collect(frames.with(index, { ...frame, data }).flatMap((one) => decode(one))), data);
        }
      }
    },
    "tools",
  );
}

function judge(read: () => Completion, text: string): void {
  try {
    deepEqual(problemsOf(read()), [], text);
  } catch (error) {
    if (!(error instanceof RiptideError)) throw error;
    notEqual(error.code, "internal", text);
    notEqual(error.message, "", text);
  }
}

/** What in an answer has not the type it claims. */
function problemsOf({ text, reasoning, toolCalls, usage, refusal, model }: Completion): string[] {
  const texts = [
    text,
    reasoning,
    refusal ?? "",
    model ?? "",
    ...toolCalls.flatMap((call) => Object.values(call)),
  ];
  const { source: _source, ...counts } = usage ?? { source: "reported" };
  return [
    ...texts.filter((value) => typeof value !== "string").map((value) => `no text: ${JSON.stringify(value)}`),
    ...toolCalls.filter(({ id, name }) => !id || !name).map(() => "a tool call without id or name"),
    ...Object.values(counts)
      .filter((count) => !Number.isSafeInteger(count) || count < 0)
      .map((count) => `no count: ${count}`),
  ];
}

/** The document with each value in it replaced in turn by each strange one. */
function* mutants(text: string): Generator<string> {
  for (const path of pathsOf(JSON.parse(text))) {
    for (const strange of STRANGE) yield JSON.stringify(replaced(JSON.parse(text), path, strange)) ?? "";
  }
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [at];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    at,
    ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...at, key])),
  ];
}

function replaced(value: unknown, [key, ...rest]: Path, strange: unknown): unknown {
  if (key === undefined) return strange;
  if (Array.isArray(value)) return value.with(Number(key), replaced(value[Number(key)], rest, strange));
  const object = value as Record<string, unknown>; // The path was made from this very value.
  return { ...object, [key]: replaced(object[key], rest, strange) };
}
