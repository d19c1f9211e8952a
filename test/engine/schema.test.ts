import { describe, expect, it } from "vitest";
import { compileSchema } from "../../src/engine/schema.ts";
import { failureOfPromise } from "../helpers/drive.ts";

const person = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer", minimum: 0 } },
  required: ["name"],
  additionalProperties: false,
};

describe("a user's JSON Schema", () => {
  it("passes what is valid and gives the value", async () => {
    const check = await compileSchema(person);
    expect(check('{"name":"Ada","age":36}')).toEqual({ valid: true, data: { name: "Ada", age: 36 } });
  });

  it.each([
    ["no JSON", "Sure! Here it is", ["the answer is not JSON"]],
    ["nothing", "", ["the answer is not JSON"]],
    ["a lacking key", "{}", ["/ must have required property 'name'"]],
    ["every violation", '{"name":1,"age":-1}', ["/name must be string", "/age must be >= 0"]],
  ])("says what is wrong with %s", async (_name, text, errors) => {
    expect((await compileSchema(person))(text)).toEqual({ valid: false, errors });
  });

  it("names at most five violations", async () => {
    const check = await compileSchema({ type: "array", items: { type: "string" } });
    const verdict = check("[1,2,3,4,5,6,7]");
    expect(verdict.valid ? [] : verdict.errors).toHaveLength(5);
  });

  it("looks into a code fence, which is no part of the value", async () => {
    const check = await compileSchema(person);
    for (const text of ['```json\n{"name":"Ada"}\n```', '\n```\n{"name":"Ada"}\n```\n'])
      expect(check(text)).toEqual({ valid: true, data: { name: "Ada" } });
  });

  it("is of draft 7, or of 2020-12 where it says so", async () => {
    const tuple = { prefixItems: [{ type: "string" }], items: false };
    const draft7 = await compileSchema(tuple);
    const newer = await compileSchema({ $schema: "https://json-schema.org/draft/2020-12/schema", ...tuple });
    expect([draft7("[1]").valid, newer("[1]").valid, newer('["a"]').valid]).toEqual([false, false, true]);
    expect((await compileSchema({ type: "array" }))("[1]").valid).toBe(true);
  });

  it.each([
    ["an unknown type", { type: "nonsense" }],
    ["a reference to nowhere", { $ref: "#/definitions/lost" }],
    ["a reference to another machine", { $ref: "https://schemas.example/x.json" }],
    ["an unknown draft", { $schema: "https://json-schema.org/draft/1999-01/schema" }],
    ["a check that would answer later", { $async: true, type: "string" }],
    ["a broken pattern", { type: "string", pattern: "(" }],
  ])("is refused with %s", async (_name, schema) => {
    expect(await failureOfPromise(compileSchema(schema))).toMatchObject({ code: "usage", exit: 2 });
  });

  it("may use words that no draft knows", async () => {
    const check = await compileSchema({ type: "string", "x-shown-as": "name", format: "hostname" });
    expect(check('"anything"').valid).toBe(true);
  });
});
