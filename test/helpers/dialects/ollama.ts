import type { Answer, Dialect, Failure, Received, Rendered } from "../simulator.ts";

type Body = Readonly<Record<string, unknown>>;

/** Ollama's server, written from its API documentation (version 0.40). */
export const ollamaDialect: Dialect = {
  name: "ollama",
  problems(request) {
    const known = ROUTES[`${request.method} ${request.path}`];
    if (!known) return ["no such route"];
    if (request.method === "GET") return request.body.length > 0 ? ["a GET with a body"] : [];
    if (!isObject(request.json)) return ["the body is no JSON object"];
    return [
      ...(request.headers["content-type"]?.startsWith("application/json") ? [] : ["not sent as JSON"]),
      ...strangers(request.json, known),
      ...(typeof request.json.model === "string" ? [] : ["no model"]),
      ...(request.path === "/api/chat" ? chatProblems(request.json) : embedProblems(request.json)),
    ];
  },
  render: (scenario, request) =>
    scenario.kind === "failure"
      ? refusal(scenario)
      : (RENDER[request.path]?.(scenario, request) ?? refusal()),
  errorEvent: () => line({ error: "an error was encountered while running the model: CUDA error" }),
  strangerEvent: () => line({ status: "loading model", completed: 12 }),
};

const ROUTES: Readonly<Record<string, readonly string[]>> = {
  "POST /api/chat": ["model", "messages", "stream", "tools", "format", "think", "keep_alive", "options"],
  "POST /api/embed": ["model", "input", "truncate", "dimensions", "keep_alive", "options"],
  "GET /api/tags": [],
  "GET /api/version": [],
};
const OPTIONS = ["num_predict", "temperature", "top_p", "stop", "seed", "num_ctx", "top_k"];
const MESSAGE: Readonly<Record<string, readonly string[]>> = {
  system: ["role", "content"],
  user: ["role", "content", "images"],
  assistant: ["role", "content", "tool_calls"],
  tool: ["role", "content", "tool_name", "tool_call_id"],
};

function chatProblems(body: Body): string[] {
  const options = body.options ?? {};
  const thinks = [undefined, true, false, "low", "medium", "high", "max"];
  return [
    ...(typeof body.stream === "boolean" ? [] : ["stream is not said: the server would stream"]),
    ...(isObject(options) ? optionProblems(options) : ["options are no object"]),
    ...(thinks.includes(body.think as never) ? [] : ["think has no known level"]),
    ...(body.format === undefined || isObject(body.format) ? [] : ["format is no schema"]),
    ...list(body.tools).flatMap(toolProblems),
    ...(list(body.messages).length > 0 ? [] : ["no messages"]),
    ...list(body.messages).flatMap(messageProblems),
  ];
}

function optionProblems({ stop = [], ...numbers }: Body): string[] {
  return [
    ...strangers({ stop, ...numbers }, OPTIONS),
    ...(Array.isArray(stop) && stop.every((text) => typeof text === "string")
      ? []
      : ["stop is no list of texts"]),
    ...Object.entries(numbers).flatMap(([name, value]) =>
      typeof value === "number" ? [] : [`the option ${name} is no number`],
    ),
  ];
}

function messageProblems(message: unknown): string[] {
  if (!isObject(message)) return ["a message is no object"];
  const known = MESSAGE[String(message.role)];
  if (!known) return [`a message of role ${message.role}`];
  return [
    ...strangers(message, known),
    ...(typeof message.content === "string" ? [] : ["content is no string"]),
    ...list(message.images).flatMap((image) =>
      typeof image === "string" && /^[A-Za-z0-9+/]+=*$/.test(image) ? [] : ["an image is no base64"],
    ),
    ...list(message.tool_calls).flatMap((call) =>
      isObject(call) && isObject(call.function) && isObject(call.function.arguments)
        ? []
        : ["the arguments of a tool call are no object"],
    ),
    ...(message.role === "tool" && !message.tool_name ? ["a tool result without tool_name"] : []),
  ];
}

function toolProblems(tool: unknown): string[] {
  const declared = isObject(tool) && isObject(tool.function) ? tool.function : {};
  return [
    ...(isObject(tool) && tool.type === "function" ? [] : ["a tool of an unknown type"]),
    ...(typeof declared.name === "string" && isObject(declared.parameters)
      ? []
      : ["a tool without name or parameters"]),
    ...strangers(declared, ["name", "description", "parameters"]),
  ];
}

function embedProblems({ input }: Body): string[] {
  return list(input).length > 0 && list(input).every((text) => typeof text === "string") ? [] : ["no texts"];
}

const RENDER: Readonly<Record<string, (answer: Answer, request: Received) => Rendered>> = {
  "/api/chat": chat,
  "/api/embed": ({ vectors = [], usage }) =>
    json({ model: "nomic-embed-text", embeddings: vectors, total_duration: 14_143_917, ...counts(usage) }),
  "/api/tags": () =>
    json({
      models: [
        {
          name: "llama3.2:latest",
          model: "llama3.2:latest",
          modified_at: "2026-10-04T14:56:49.277302595-07:00",
          size: 2_019_393_189,
          digest: "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72",
          details: { family: "llama", parameter_size: "3.2B", quantization_level: "Q4_K_M" },
        },
      ],
    }),
  "/api/version": () => json({ version: "0.40.1" }),
};

function chat(answer: Answer, request: Received): Rendered {
  const { tokens = ["ok"], reasoning, toolCalls = [] } = answer;
  const asked = request.json as Body; // `problems` has looked at it.
  const stamp = { model: asked.model, created_at: "2026-11-22T10:00:00.1Z" };
  const said = (message: object) => ({ ...stamp, message: { role: "assistant", content: "", ...message } });
  const calls = toolCalls.map(({ name, arguments: given }, index) => ({
    function: { index, name, arguments: given },
  }));
  const ending = {
    done: true,
    done_reason: answer.finish === "length" ? "length" : "stop",
    total_duration: 900_000_000,
    load_duration: 300_000_000,
    ...counts(answer.usage),
  };
  const text = toolCalls.length > 0 ? [] : tokens;
  if (asked.stream === false) {
    const message = {
      content: text.join(""),
      ...(reasoning && { thinking: reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return json({ ...said(message), ...ending });
  }
  const lines = [
    ...(reasoning ? [{ thinking: reasoning }] : []),
    ...text.map((content) => ({ content })),
    ...calls.map((call) => ({ tool_calls: [call] })),
  ].map((message) => ({ ...said(message), done: false }));
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    events: [...lines, { ...said({}), ...ending }].map(line),
    markerEvents: 1,
  };
}

/** Zero counts are left out by the server. */
const counts = (usage: Answer["usage"] = { input: 1, output: 1 }) => ({
  ...(usage?.input && { prompt_eval_count: usage.input, prompt_eval_duration: 90_000_000 }),
  ...(usage?.output && { eval_count: usage.output, eval_duration: 500_000_000 }),
});

const FAILURES: Readonly<Partial<Record<Failure["failure"], readonly [number, string]>>> = {
  auth: [401, "unauthorized"],
  rate_limit: [429, "you have reached your hourly usage limit"],
  overloaded: [503, "server busy, please try again.  maximum pending requests exceeded"],
  server: [500, "llama runner process has terminated: signal: killed"],
  not_found: [404, "model 'llama9' not found"],
  bad_request: [400, "invalid model name"],
  context: [400, "the input length exceeds the context length"],
};

function refusal(scenario?: Failure): Rendered {
  const [status, error] = (scenario && FAILURES[scenario.failure]) ?? [404, "404 page not found"];
  return { ...json({ error }), status };
}

const json = (body: object): Rendered => ({
  status: 200,
  headers: { "content-type": "application/json; charset=utf-8" },
  events: [JSON.stringify(body)],
});
const line = (body: object) => `${JSON.stringify(body)}\n`;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const strangers = (body: object, known: readonly string[]) =>
  Object.keys(body).flatMap((key) => (known.includes(key) ? [] : [`the key ${key} is unknown`]));

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
