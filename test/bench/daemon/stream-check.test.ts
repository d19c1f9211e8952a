import { expect, it } from "vitest";
import { DIALECTS } from "./simulated.ts";
import { createStreamChecks } from "./stream-check.ts";
import { tokenText } from "./tokens.ts";

const NOTHING = { tokens: 0, lost: 0, merged: 0, reordered: 0, altered: 0, bytesCompared: 0 };
const SOUND = { ...NOTHING, tokens: 3, bytesCompared: 3 * tokenText(0).length };
const token = (...ats: readonly number[]) =>
  `data: {"content":"${ats.map((at) => tokenText(at)).join("")}"}\n\n`;
const DONE = "data: [DONE]\n\n";

/** What is found in a stream of three tokens. */
function found(stream: string, size = 1_000) {
  const tally = { ...NOTHING };
  const check = createStreamChecks(3, tally)();
  for (let at = 0; at < stream.length; at += size) check.data(Buffer.from(stream.slice(at, at + size)));
  return { problem: check.end(), tally };
}

it.each(Object.entries(DIALECTS))("finds nothing wrong with a sound stream of %s", (_path, dialect) => {
  const stream = `${dialect.first("m")}${[0, 1, 2].map((at) => dialect.token("m", at)).join("")}${dialect.last("m", 3)}`;
  for (const size of [1, 5, 1_000]) expect(found(stream, size)).toEqual({ problem: undefined, tally: SOUND });
});

it.each([
  ["a token that is lost within", token(0) + token(2) + DONE, { lost: 1 }],
  ["tokens that are lost at the end", token(0) + DONE, { lost: 2 }],
  ["two tokens in one event", token(0, 1) + token(2) + DONE, { merged: 1, lost: 0 }],
  ["a token that comes after its successor", token(0) + token(2) + token(1) + DONE, { reordered: 1 }],
  [
    "a token with another text",
    token(0) + token(1).replace("tide", "moon") + token(2) + DONE,
    { altered: 1 },
  ],
])("counts %s", (_name, stream, counted) => {
  expect(found(stream).tally).toMatchObject(counted);
});

it.each([
  ["has no end", token(0) + token(1) + token(2), "a stream without its end"],
  ["ends within an event", `${token(0) + DONE}data: `, "a stream that ends within an event"],
  ["says what failed", 'data: {"error":{"message":"no","code":"stream_cut"}}\n\n', "error event stream_cut"],
])("tells of a stream that %s", (_name, stream, problem) => {
  expect(found(stream).problem).toBe(problem);
});
