import type { Answer, Failure, Rendered } from "../simulator.ts";

type Block = Readonly<Record<string, unknown>>;

const STOP = { stop: "end_turn", length: "max_tokens", content_filter: "refusal" } as const;
const MODEL = "claude-test-20260101";

/** An answer as one message. */
export function messageReply(answer: Answer): Rendered {
  const message = {
    ...opening(),
    content: blocksOf(answer),
    ...ending(answer),
    ...(answer.usage !== null && { usage: { ...inputUsage(answer), ...outputUsage(answer) } }),
  };
  return json(200, message);
}

/** An answer as named events; the last is the marker. */
export function messageStream(answer: Answer): Rendered {
  const usage = answer.usage !== null && { usage: { ...inputUsage(answer), output_tokens: 1 } };
  const start = { ...opening(), content: [], stop_reason: null, stop_sequence: null, ...usage };
  const blocks = blocksOf(answer).flatMap((block, index) => blockEvents(block, index, answer));
  const [first, ...rest] = blocks;
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "request-id": "req_sim" },
    events: [
      event({ type: "message_start", message: start }),
      ...(first ? [first] : []),
      event({ type: "ping" }),
      ...rest,
      event({
        type: "message_delta",
        delta: ending(answer),
        ...(answer.usage !== null && { usage: { input_tokens: null, ...outputUsage(answer) } }),
      }),
      event({ type: "message_stop" }),
    ],
    markerEvents: 1,
  };
}

/** One named event. */
export const event = (data: Block): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

export const json = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Rendered => ({
  status,
  headers: { "content-type": "application/json", "request-id": "req_sim", ...headers },
  events: [JSON.stringify(body)],
});

const opening = () => ({ id: "msg_sim", type: "message", role: "assistant", model: MODEL });

function ending({ finish = "stop", toolCalls = [] }: Answer): Block {
  const refused = { type: "refusal", category: "general_harms", explanation: "This was declined." };
  return {
    stop_reason: toolCalls.length > 0 ? "tool_use" : STOP[finish],
    stop_sequence: null,
    stop_details: finish === "content_filter" ? refused : null,
  };
}

const usageOf = ({ usage }: Answer) => usage ?? { input: 12, output: 3 };

function inputUsage(answer: Answer): Block {
  const { input, cacheRead = 0, cacheWrite = 0 } = usageOf(answer);
  return {
    input_tokens: input - cacheRead - cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    service_tier: "standard",
  };
}

function outputUsage(answer: Answer): Block {
  const { output, reasoning } = usageOf(answer);
  return {
    output_tokens: output,
    ...(reasoning && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

function blocksOf({ tokens = [], reasoning, toolCalls = [] }: Answer): Block[] {
  return [
    ...(reasoning ? [{ type: "thinking", thinking: reasoning, signature: "c2lnbmVk" }] : []),
    ...(tokens.length > 0 ? [{ type: "text", text: tokens.join(""), citations: null }] : []),
    ...toolCalls.map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input })),
  ];
}

const EMPTY: Readonly<Record<string, Block>> = {
  thinking: { thinking: "", signature: "" },
  text: { text: "" },
  tool_use: { input: {} },
};

function blockEvents(block: Block, index: number, { tokens = [] }: Answer): string[] {
  const start = {
    type: "content_block_start",
    index,
    content_block: { ...block, ...EMPTY[String(block.type)] },
  };
  const deltas = deltasOf(block, tokens).map((delta) => ({ type: "content_block_delta", index, delta }));
  return [start, ...deltas, { type: "content_block_stop", index }].map(event);
}

function deltasOf(block: Block, tokens: readonly string[]): Block[] {
  if (block.type === "text") return tokens.map((text) => ({ type: "text_delta", text }));
  if (block.type === "thinking") {
    return [
      { type: "thinking_delta", thinking: block.thinking },
      { type: "signature_delta", signature: block.signature },
    ];
  }
  const input = JSON.stringify(block.input);
  if (input === "{}") return [];
  return ["", input.slice(0, 9), input.slice(9)].map((piece) => ({
    type: "input_json_delta",
    partial_json: piece,
  }));
}

const FAILURES: Readonly<Record<Failure["failure"], readonly [number, string, string, string?]>> = {
  auth: [401, "authentication_error", "invalid x-api-key"],
  rate_limit: [429, "rate_limit_error", "This request would exceed your organization's rate limit."],
  quota: [429, "rate_limit_error", "You may not go on this month.", "enforced_spend_limit_reached"],
  overloaded: [529, "overloaded_error", "Overloaded"],
  server: [500, "api_error", "Internal server error"],
  not_found: [404, "not_found_error", "model: claude-none"],
  bad_request: [400, "invalid_request_error", "max_tokens: 999999 is more than this model's limit"],
  context: [400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum"],
  filter: [400, "invalid_request_error", "Output blocked by content filtering policy"],
};

/** A failure in the vendor's own shape. */
export function messagesFailure({ failure, retryAfterSeconds }: Failure): Rendered {
  const [status, type, message, cause] = FAILURES[failure];
  const details = cause ? { error_code: cause } : null;
  const body = { type: "error", error: { type, message, details }, request_id: "req_sim" };
  return json(status, body, retryAfterSeconds ? { "retry-after": String(retryAfterSeconds) } : {});
}

export const overloadedEvent = (): string =>
  event({
    type: "error",
    error: { type: "overloaded_error", message: "Overloaded", details: null },
    request_id: "req_sim",
  });
