import { describe, expect, it } from "vitest";
import type { Capability } from "../../../src/providers/capabilities.ts";
import { openAiFacts } from "../../../src/providers/openai/models.ts";

describe("what is known of OpenAI's models", () => {
  it.each<[string, number | undefined, Capability, boolean]>([
    ["gpt-4o-mini", 128_000, "temperature", true],
    ["gpt-4o-mini", 128_000, "effort", false],
    ["ft:gpt-4o-mini-2024-07-18:org::id", 128_000, "vision", true],
    ["gpt-4.1-nano", 1_047_576, "json_schema", true],
    ["gpt-4-turbo", 128_000, "json_schema", false],
    ["gpt-4", 8_192, "vision", false],
    ["gpt-3.5-turbo", 16_385, "vision", false],
    ["gpt-5", 400_000, "temperature", false],
    ["gpt-5-mini", 400_000, "parallel_tools", true],
    ["gpt-5-chat-latest", 128_000, "effort", false],
    ["gpt-5-chat-latest", 128_000, "tools", false],
    ["gpt-5.3-chat-latest", 128_000, "tools", true],
    ["gpt-5.3-chat-latest", 128_000, "temperature", false],
    ["gpt-4-0125-preview", undefined, "json_schema", false],
    ["gpt-3.5-turbo-16k", undefined, "vision", false],
    ["gpt-5.9-ultra", undefined, "effort", true],
    ["gpt-12", undefined, "stop", false],
    ["o3", 200_000, "parallel_tools", false],
    ["o3-mini", 200_000, "vision", false],
    ["o4-mini-2025-04-16", 200_000, "image_url", true],
    ["text-embedding-3-small", undefined, "tools", false],
    ["somebody-elses", undefined, "temperature", true],
    ["somebody-elses", undefined, "prefill", false],
  ])("%s: context %s, %s %s", (model, context, word, supported) => {
    const facts = openAiFacts(model);
    expect(facts.contextTokens).toBe(context);
    expect(facts.supports.has(word)).toBe(supported);
  });
});
