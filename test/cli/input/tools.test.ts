import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSchema } from "../../../src/cli/input/schema.ts";
import { readToolChoice, readTools } from "../../../src/cli/input/tools.ts";
import { readOptions } from "../../../src/cli/input/vendor-options.ts";

const folder = mkdtempSync(join(tmpdir(), "riptide-tools-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "tools.json");
const put = (content: unknown) => {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

const weather = {
  name: "get_weather",
  description: "the weather somewhere",
  parameters: { type: "object", properties: { city: { type: "string" } } },
};

describe("readTools", () => {
  it("reads OpenAI's form, the flat form and the flat form with a type alike", async () => {
    expect(await readTools(put([{ type: "function", function: weather }]))).toEqual([weather]);
    expect(await readTools(put([weather]))).toEqual([weather]);
    expect(await readTools(put([{ type: "function", ...weather, strict: true }]))).toEqual([
      { ...weather, strict: true },
    ]);
  });

  it("gives a function without parameters an empty object schema", async () => {
    expect(await readTools(put([{ name: "now" }]))).toEqual([
      { name: "now", parameters: { type: "object", properties: {} } },
    ]);
  });

  it.each<[unknown, string]>([
    [{ tools: [] }, "expected an array of tools, found an object"],
    ["{", "not JSON: "],
    [["x"], "[0]: expected an object, found text"],
    [[weather, { name: "bad name" }], "[1].name: expected 1 to 64 letters, digits, _ or -"],
    [[{ parameters: {} }], "[0].name: expected 1 to 64 letters"],
    [[{ type: "retrieval" }], '[0].type: expected "function", found "retrieval"'],
    [[{ type: "function", function: 1 }], "[0].function: expected an object, found a number"],
    [
      [{ type: "function", function: { name: "x", parameters: [] } }],
      "[0].function.parameters: expected an object",
    ],
    [
      [{ name: "x", parameters: { type: "string" } }],
      '[0].parameters.type: expected "object", found "string"',
    ],
    [[{ name: "x", description: 1 }], "[0].description: expected text, found a number"],
    [[{ name: "x", strict: "yes" }], "[0].strict: expected true or false, found text"],
    [[{ name: "x", parametres: {} }], '[0]: unknown key "parametres"; did you mean "parameters"?'],
    [[weather, { function: weather }], '[1].name: "get_weather" is already the name of [0]'],
  ])("says what is wrong in %j", async (content, message) => {
    await expect(readTools(put(content))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(`${path}: ${message}`),
    });
  });
});

describe("readToolChoice", () => {
  it("takes a word or the name of a tool", () => {
    expect(readToolChoice("required", [weather])).toBe("required");
    expect(readToolChoice("get_weather", [weather])).toEqual({ name: "get_weather" });
  });

  it("refuses what names no tool", () => {
    expect(() => readToolChoice("get_wether", [weather])).toThrow(
      expect.objectContaining({
        facts: expect.objectContaining({ reasons: ['did you mean "get_weather"?'] }),
      }),
    );
    expect(() => readToolChoice("auto", [])).toThrow("--tool-choice needs --tools FILE");
  });
});

describe("readSchema", () => {
  it("reads text that is JSON and else a file", async () => {
    expect(await readSchema(' {"type":"object"}')).toEqual({ type: "object" });
    expect(await readSchema(put({ type: "array" }))).toEqual({ type: "array" });
  });

  it("refuses what is not a JSON object", async () => {
    await expect(readSchema("{oops")).rejects.toThrow("--schema: not JSON: ");
    await expect(readSchema(put("[]"))).rejects.toThrow("expected a JSON Schema object, found an array");
    await expect(readSchema(join(folder, "none.json"))).rejects.toThrow("none.json: no such file");
  });
});

describe("readOptions", () => {
  it("takes JSON as JSON and anything else as text, and nests dotted keys", () => {
    expect(
      readOptions([
        "n=2",
        "on=true",
        "tier=flex",
        "url=a=b",
        "empty=",
        "list=[1]",
        "a.b.c=1",
        "a.b.d=x",
        "n=3",
      ]),
    ).toEqual({
      n: 3,
      on: true,
      tier: "flex",
      url: "a=b",
      empty: "",
      list: [1],
      a: { b: { c: 1, d: "x" } },
    });
  });

  it("adds fields to an object given before", () => {
    expect(readOptions(['a={"b":1}', "a.c=2"])).toEqual({ a: { b: 1, c: 2 } });
  });

  it.each(["novalue", "=1", "a..b=1", ".a=1", "a.=1"])("refuses %s", (pair) => {
    expect(() => readOptions([pair])).toThrow(`--option ${pair}: expected NAME=VALUE`);
  });

  it("refuses fields of a value that has none", () => {
    expect(() => readOptions(["a=1", "a.b=2"])).toThrow(
      '--option a.b=2: "a" already has a value without fields',
    );
  });

  it("changes no prototype", () => {
    const options = readOptions(["__proto__.polluted=1", "constructor.prototype.polluted=1"]);
    expect({}).not.toHaveProperty("polluted");
    expect(JSON.stringify(options)).toBe(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
  });
});
