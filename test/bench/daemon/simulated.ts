import { tokenText } from "./tokens.ts";

/** How a provider writes an answer of so many tokens. */
export interface SimulatedDialect {
  whole(model: string, tokens: number): string;
  /** What comes before the first token of a stream; may be nothing. */
  first(model: string): string;
  token(model: string, at: number): string;
  last(model: string, tokens: number): string;
}

const INPUT_TOKENS = 12;
const textOf = (tokens: number) => Array.from({ length: tokens }, (_, at) => tokenText(at)).join("");
const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const event = (value: { readonly type: string }) => `event: ${value.type}\n${data(value)}`;

const openAiUsage = (tokens: number) => ({
  prompt_tokens: INPUT_TOKENS,
  completion_tokens: tokens,
  total_tokens: INPUT_TOKENS + tokens,
});

const chunk = (model: string, choices: readonly object[], more: object = {}) =>
  data({
    id: "chatcmpl-Bd0T4xKq",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model,
    service_tier: "default",
    system_fingerprint: "fp_07871e2ad8",
    choices,
    ...more,
  });

const openAi: SimulatedDialect = {
  whole: (model, tokens) =>
    JSON.stringify({
      id: "chatcmpl-Bd0T4xKq",
      object: "chat.completion",
      created: 1_700_000_000,
      model,
      choices: [{ index: 0, message: { role: "assistant", content: textOf(tokens) }, finish_reason: "stop" }],
      usage: openAiUsage(tokens),
    }),
  first: (model) =>
    chunk(model, [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }]),
  token: (model, at) => chunk(model, [{ index: 0, delta: { content: tokenText(at) }, finish_reason: null }]),
  last: (model, tokens) =>
    chunk(model, [{ index: 0, delta: {}, finish_reason: "stop" }]) +
    chunk(model, [], { usage: openAiUsage(tokens) }) +
    "data: [DONE]\n\n",
};

const message = (model: string, more: object) => ({
  ...{ id: "msg_01XFDUDYJgAACzvnptvVoYEL", type: "message", role: "assistant", model },
  ...more,
});

const anthropic: SimulatedDialect = {
  whole: (model, tokens) =>
    JSON.stringify(
      message(model, {
        ...{
          content: [{ type: "text", text: textOf(tokens) }],
          stop_reason: "end_turn",
          stop_sequence: null,
        },
        usage: { input_tokens: INPUT_TOKENS, output_tokens: tokens },
      }),
    ),
  first: (model) =>
    event({
      type: "message_start",
      ...{
        message: message(model, {
          ...{ content: [], stop_reason: null, stop_sequence: null },
          usage: { input_tokens: INPUT_TOKENS, output_tokens: 1 },
        }),
      },
    }) + event({ type: "content_block_start", ...{ index: 0, content_block: { type: "text", text: "" } } }),
  token: (_model, at) =>
    event({
      type: "content_block_delta",
      ...{ index: 0, delta: { type: "text_delta", text: tokenText(at) } },
    }),
  last: (_model, tokens) =>
    event({ type: "content_block_stop", ...{ index: 0 } }) +
    event({
      type: "message_delta",
      ...{
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: tokens },
      },
    }) +
    event({ type: "message_stop" }),
};

/** By the path at which each is asked. */
export const DIALECTS: Readonly<Record<string, SimulatedDialect>> = {
  "/v1/chat/completions": openAi,
  "/v1/messages": anthropic,
};
