import type { Dialect, Received } from "../simulator.ts";
import {
  event,
  json,
  messageReply,
  messageStream,
  messagesFailure,
  overloadedEvent,
} from "./anthropic-events.ts";
import { countProblems, messagesProblems } from "./anthropic-messages.ts";
import { isObject, type ObjectValue, unless } from "./checks.ts";
import { googleFailure } from "./vertex-failures.ts";

/** Claude on Vertex AI, written from Anthropic's and Google's documentation. */
export const vertexClaudeDialect: Dialect = {
  name: "vertex-claude",
  problems(request) {
    const call = callOf(request);
    if (!call) return ["no such route"];
    if (!isObject(request.json)) return ["the body is no JSON object"];
    return [
      ...unless(request.headers.authorization === "Bearer ya29.test", "no access token"),
      ...unless(request.headers["x-api-key"] === undefined, "a key that does not belong here"),
      ...unless(request.json.anthropic_version === "vertex-2023-10-16", "no anthropic_version"),
      ...(call.model === "count-tokens" ? counting(request.json) : completing(request.json, call)),
    ];
  },
  render(scenario, request) {
    // Google answers for itself before Claude is asked.
    if (scenario.kind === "failure") {
      return ["auth", "rate_limit", "quota", "not_found"].includes(scenario.failure)
        ? googleFailure(scenario)
        : messagesFailure(scenario);
    }
    const call = callOf(request);
    if (call?.model === "count-tokens") return json(200, { input_tokens: scenario.usage?.input ?? 12 });
    return call?.method === "streamRawPredict" ? messageStream(scenario) : messageReply(scenario);
  },
  errorEvent: overloadedEvent,
  strangerEvent: () => event({ type: "weather_report", sky: "clear" }),
};

interface Call {
  readonly model: string;
  readonly method: string;
}

const ROUTE =
  /^\/v1\/projects\/test-project\/locations\/global\/publishers\/anthropic\/models\/([a-z0-9@.-]+):(rawPredict|streamRawPredict)$/;

function callOf({ method, path }: Received): Call | undefined {
  const [, model, verb] = ROUTE.exec(path) ?? [];
  return method === "POST" && model && verb ? { model, method: verb } : undefined;
}

function counting({ anthropic_version: _version, anthropic_beta: _beta, ...body }: ObjectValue): string[] {
  return [
    ...countProblems(body),
    ...unless(/^claude-[a-z0-9@.-]+$/.test(String(body.model)), "no model to count for"),
  ];
}

const completing = (body: ObjectValue, { method }: Call): string[] => [
  ...messagesProblems(body, ["anthropic_version", "anthropic_beta"]),
  ...unless(
    !JSON.stringify(body.messages).includes('"source":{"type":"url"'),
    "URL sources are not supported",
  ),
  ...unless((body.stream === true) === (method === "streamRawPredict"), "stream does not fit the method"),
];
