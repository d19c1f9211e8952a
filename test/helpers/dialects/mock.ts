import type { Answer, Dialect, Failure, Received, Rendered } from "../simulator.ts";

/** The mock provider's dialect over a real socket, so that its adapter passes what every adapter passes. */
export const mockDialect: Dialect = {
  name: "mock",
  problems: ({ method, path, json }) => {
    const known = method === "GET" ? path === "/models" : /^\/(complete|embed|count)$/.test(path);
    if (!known) return ["no such route"];
    return method === "GET" || typeof json === "object" ? [] : ["the body is no JSON"];
  },
  render: (scenario, request) =>
    scenario.kind === "failure" ? refusal(scenario) : answer(scenario, request),
  errorEvent: () => line({ error: { status: 503, message: "the script says 503" } }),
  strangerEvent: () => line({ weather: "calm" }),
};

function answer({ vectors, ...said }: Answer, { path, json: asked }: Received): Rendered {
  const usage = said.usage === null ? {} : { usage: said.usage ?? { input: 1, output: 1 } };
  switch (path) {
    case "/models":
      return json({ models: [{ model: "mock-small", contextTokens: 8_192 }] });
    case "/count":
      return json({ tokens: said.usage?.input });
    case "/embed":
      return json({ vectors, ...usage });
    default:
      return completion(said, usage, (asked as { stream: boolean }).stream);
  }
}

function completion(said: Answer, usage: object, stream: boolean): Rendered {
  const { tokens = ["ok"], toolCalls: [call] = [], finish = "stop" } = said;
  const head = { model: "mock-small" };
  const last = { finish: call ? "tool_calls" : finish, ...usage };
  const named = call && { call: { id: call.id, name: call.name } };
  const written = JSON.stringify(call?.arguments);
  if (!stream)
    return json({
      ...head,
      ...(named ? { ...named, arguments: written } : { text: tokens.join("") }),
      ...last,
    });
  const pieces = named
    ? [named, { arguments: written.slice(0, 4) }, { arguments: written.slice(4) }]
    : tokens.map((text) => ({ text }));
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    events: [head, ...pieces, last].map(line),
    markerEvents: 1,
  };
}

const STATUS: Readonly<Partial<Record<Failure["failure"], readonly [number, string]>>> = {
  auth: [401, "refused"],
  rate_limit: [429, "too fast"],
  quota: [402, "spent"],
  overloaded: [503, "busy"],
  server: [500, "broken"],
  not_found: [404, "no such model"],
  context: [400, "the prompt is too long"],
};

function refusal({ failure, retryAfterSeconds }: Failure): Rendered {
  const [status, message] = STATUS[failure] ?? [400, "not understood"];
  const wait = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return { ...json({ error: { status, message } }), status, headers: wait };
}

const json = (body: object): Rendered => ({
  status: 200,
  headers: { "content-type": "application/json" },
  events: [JSON.stringify(body)],
});
const line = (body: object) => `${JSON.stringify(body)}\n`;
