import { describe, expect, it } from "vitest";
import { anthropicCountTokens } from "../../../../src/daemon/dialects/anthropic/count-tokens.ts";

const body = { model: "default", messages: [{ role: "user", content: "hi" }] };

describe("a body whose tokens are counted", () => {
  it("needs no limit of tokens, and is told its tenant", () => {
    const { request, wishes } = anthropicCountTokens.ask({ ...body, riptide: { tenant: "team-a" } });
    expect(request).toEqual({ messages: body.messages });
    expect(wishes).toMatchObject({ tenant: "team-a", route: { model: "default" } });
  });

  it("keeps the caller's own words for the vendor, without what is no part of the prompt", () => {
    const system = [{ type: "text", text: "a", cache_control: { type: "ephemeral" } }];
    const format = { type: "json_schema", schema: { type: "object" } };
    const { request } = anthropicCountTokens.ask({ ...body, system, top_k: 5, output_config: { format } });
    expect(request.verbatim).toEqual({
      dialect: "anthropic",
      extras: {},
      conversation: { messages: body.messages, system },
    });
    expect(request.schema?.schema).toEqual(format.schema);
  });

  it("is refused in the vendor's way", () => {
    expect(() => anthropicCountTokens.ask({ messages: body.messages })).toThrow("model: field required");
  });

  it("is answered with the vendor's one member", () => {
    const count = { inputTokens: 7, exact: true, provider: "p", model: "m" };
    expect(anthropicCountTokens.answer(count)).toEqual({ input_tokens: 7 });
  });
});
