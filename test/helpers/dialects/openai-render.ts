import type { Answer, Failure, Received, Rendered } from "../simulator.ts";
import { isFields } from "./openai-checks.ts";

const JSON_HEADERS = { "content-type": "application/json", "x-request-id": "req_sim_1" };
const STAMP = {
  id: "chatcmpl-sim1",
  created: 1_790_000_000,
  model: "sim-model-2026",
  service_tier: "default",
};

export const sse = (value: unknown) =>
  `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;

export const json = (
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Rendered => ({
  status,
  headers: { ...JSON_HEADERS, ...headers },
  events: [JSON.stringify(value)],
});

/** Extra fields that one server puts into answers and chunks. */
export interface Extras {
  readonly choice?: object;
  readonly first?: object;
}

export function renderChat(answer: Answer, { json: body }: Received, extras: Extras = {}): Rendered {
  return isFields(body) && body.stream === true ? streamed(answer, extras) : whole(answer, extras);
}

function whole(answer: Answer, extras: Extras): Rendered {
  const { tokens = [], reasoning, toolCalls } = answer;
  const message = {
    role: "assistant",
    content: toolCalls && tokens.length === 0 ? null : tokens.join(""),
    refusal: null,
    annotations: [],
    ...(reasoning && { reasoning_content: reasoning }),
    ...(toolCalls && { tool_calls: toolCalls.map((call) => wireCall(call)) }),
  };
  const choice = { index: 0, message, logprobs: null, finish_reason: finishOf(answer), ...extras.choice };
  const usage = wireUsage(answer);
  return json({
    ...STAMP,
    object: "chat.completion",
    choices: [choice],
    ...(usage && { usage }),
    ...extras.first,
  });
}

function streamed(answer: Answer, extras: Extras): Rendered {
  const { tokens = [], reasoning, toolCalls = [] } = answer;
  const usage = wireUsage(answer);
  const chunk = (more: object) => sse({ ...STAMP, object: "chat.completion.chunk", ...more });
  const delta = (content: object, finish: string | null = null) =>
    chunk({
      choices: [{ index: 0, delta: content, logprobs: null, finish_reason: finish, ...extras.choice }],
      usage: null,
    });
  const marker = [
    delta({}, finishOf(answer)),
    ...(usage ? [chunk({ choices: [], usage })] : []),
    sse("[DONE]"),
  ];
  const events = [
    ...(extras.first ? [chunk({ choices: [], ...extras.first })] : []),
    delta({ role: "assistant", content: "", refusal: null }),
    ...(reasoning ? pieces(reasoning, 6).map((piece) => delta({ reasoning_content: piece })) : []),
    ...tokens.map((token) => delta({ content: token })),
    ...toolCalls.flatMap((call, index) =>
      callPieces(call, index).map((piece) => delta({ tool_calls: [piece] })),
    ),
    ...marker,
  ];
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "x-request-id": "req_sim_1" },
    events,
    markerEvents: marker.length,
  };
}

type Call = NonNullable<Answer["toolCalls"]>[number];

const wireCall = (call: Call) => ({
  id: call.id,
  type: "function",
  function: { name: call.name, arguments: JSON.stringify(call.arguments) },
});

const callPieces = (call: Call, index: number) => [
  { index, id: call.id, type: "function", function: { name: call.name, arguments: "" } },
  ...pieces(JSON.stringify(call.arguments), 5).map((piece) => ({ index, function: { arguments: piece } })),
];

/** By code points, as a tokenizer never cuts inside one. */
function pieces(text: string, size: number): string[] {
  const points = [...text];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) =>
    points.slice(index * size, index * size + size).join(""),
  );
}

const finishOf = ({ finish, toolCalls }: Answer) => finish ?? (toolCalls?.length ? "tool_calls" : "stop");

function wireUsage({ usage = { input: 11, output: 7 } }: Answer): object | undefined {
  if (usage === null) return undefined;
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    ...(usage.cacheRead !== undefined || usage.cacheWrite !== undefined
      ? {
          prompt_tokens_details: {
            cached_tokens: usage.cacheRead ?? 0,
            cache_write_tokens: usage.cacheWrite ?? 0,
          },
        }
      : {}),
    ...(usage.reasoning !== undefined && {
      completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: 0 },
    }),
  };
}

/** The items come in the wrong order, as the reference allows. */
export function renderEmbeddings({ vectors = [], usage }: Answer, { json: body }: Received): Rendered {
  const packed = isFields(body) && body.encoding_format === "base64";
  const pack = (vector: readonly number[]) =>
    Buffer.from(Float32Array.from(vector).buffer).toString("base64");
  const data = vectors.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: packed ? pack(vector) : vector,
  }));
  const tokens = usage?.input ?? 0;
  return json({
    object: "list",
    data: data.toReversed(),
    model: "sim-embedding",
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

export const renderModels = (): Rendered =>
  json({
    object: "list",
    data: ["sim-model-2026", "sim-mini"].map((id) => ({ id, object: "model", created: 1, owned_by: "sim" })),
  });

interface WireError {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

/** Statuses, types, codes and words from OpenAI's page of error codes. */
const ERRORS: Readonly<Record<Failure["failure"], WireError>> = {
  auth: {
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    message: "Incorrect API key provided.",
  },
  rate_limit: {
    status: 429,
    type: "requests",
    code: "rate_limit_exceeded",
    message: "Rate limit reached for requests.",
  },
  quota: {
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: "You exceeded your current quota, please check your plan and billing details.",
  },
  overloaded: {
    status: 503,
    type: "service_unavailable_error",
    code: "server_is_overloaded",
    message: "Our servers are currently overloaded. Please try again later.",
  },
  server: { status: 500, type: "server_error", code: null, message: "The server had an error." },
  not_found: {
    status: 404,
    type: "invalid_request_error",
    code: "model_not_found",
    message: "The model `gpt-none` does not exist or you do not have access to it.",
  },
  bad_request: {
    status: 400,
    type: "invalid_request_error",
    code: "invalid_value",
    message: "Invalid value: 'x'. Supported values are: 'y'.",
  },
  context: {
    status: 400,
    type: "invalid_request_error",
    code: "context_length_exceeded",
    message: "This model's maximum context length is 8192 tokens. Your messages resulted in 9000 tokens.",
  },
  filter: {
    status: 400,
    type: "invalid_request_error",
    code: "content_policy_violation",
    message: "Your request was rejected as a result of our safety system.",
  },
};

export function renderFailure({ failure, retryAfterSeconds }: Failure): Rendered {
  const { status, ...error } = ERRORS[failure];
  const wait = retryAfterSeconds === undefined ? undefined : { "retry-after": String(retryAfterSeconds) };
  return json({ error: { ...error, param: null } }, status, wait);
}
