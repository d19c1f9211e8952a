import type { Answer, Dialect, Received, Rendered } from "../simulator.ts";
import {
  event,
  json,
  messageReply,
  messageStream,
  messagesFailure,
  overloadedEvent,
} from "./anthropic-events.ts";
import { countProblems, messagesProblems } from "./anthropic-messages.ts";
import { isObject, type ObjectValue, strangers, unless } from "./checks.ts";

/** Anthropic's API, written from its documentation (versions 2023-06-01 and 2026-10-21). */
export const anthropicDialect: Dialect = {
  name: "anthropic",
  problems(request) {
    const known = ROUTES[routeOf(request)];
    if (!known) return ["no such route"];
    return [
      ...headerProblems(request),
      ...(request.method === "GET" ? listProblems(request) : bodyProblems(request, known)),
    ];
  },
  render(scenario, request) {
    if (scenario.kind === "failure") return messagesFailure(scenario);
    return RENDER[routeOf(request)]?.(scenario, request) ?? json(404, {});
  },
  errorEvent: overloadedEvent,
  strangerEvent: () => event({ type: "weather_report", sky: "clear" }),
};

const routeOf = ({ method, path }: Received) => `${method} ${path.split("?")[0]}`;

type BodyCheck = (body: ObjectValue, request: Received) => string[];

const ROUTES: Readonly<Record<string, BodyCheck>> = {
  "POST /v1/messages": (body, { headers }) => [
    ...messagesProblems(body, ["model"]),
    ...unless(
      headers["anthropic-version"] !== "2026-10-21" || !("temperature" in body || "top_p" in body),
      "this version takes no sampling parameters",
    ),
  ],
  "POST /v1/messages/count_tokens": countProblems,
  "GET /v1/models": () => [],
};

function headerProblems({ headers }: Received): string[] {
  const key = headers["x-api-key"];
  const bearer = headers.authorization;
  return [
    ...unless(/^\d{4}-\d{2}-\d{2}$/.test(headers["anthropic-version"] ?? ""), "no anthropic-version"),
    ...unless(key === "sk-ant-test" || bearer === "Bearer sk-ant-test", "no key"),
    ...unless(!(key && bearer), "two keys"),
  ];
}

function bodyProblems(request: Received, check: BodyCheck): string[] {
  if (!isObject(request.json)) return ["the body is no JSON object"];
  return [
    ...unless(request.headers["content-type"]?.startsWith("application/json"), "not sent as JSON"),
    ...unless(typeof request.json.model === "string" && request.json.model, "no model"),
    ...check(request.json, request),
  ];
}

function listProblems({ path, body }: Received): string[] {
  const query = Object.fromEntries(new URL(path, "http://sim").searchParams);
  const limit = Number(query.limit ?? 20);
  return [
    ...strangers(query, ["limit", "after_id", "before_id", "lifecycle"]),
    ...unless(limit >= 1 && limit <= 1_000, "limit is out of bounds"),
    ...unless(body.length === 0, "a GET with a body"),
  ];
}

const RENDER: Readonly<Record<string, (answer: Answer, request: Received) => Rendered>> = {
  "POST /v1/messages": (answer, { json: body }) =>
    isObject(body) && body.stream === true ? messageStream(answer) : messageReply(answer),
  "POST /v1/messages/count_tokens": ({ usage }) => json(200, { input_tokens: usage?.input ?? 12 }),
  "GET /v1/models": (_answer, { path }) => modelsPage(new URL(path, "http://sim").searchParams),
};

const MODELS = ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"];

/** Never more than two a page, so that a client has to follow the cursor. */
function modelsPage(query: URLSearchParams): Rendered {
  const after = query.get("after_id");
  const from = after ? MODELS.indexOf(after) + 1 : 0;
  const ids = MODELS.slice(from, from + Math.min(2, Number(query.get("limit") ?? 20)));
  return json(200, {
    data: ids.map((id) => ({
      type: "model",
      id,
      display_name: id,
      created_at: "2026-01-01T00:00:00Z",
      max_input_tokens: 200_000,
      max_tokens: 64_000,
    })),
    has_more: from + ids.length < MODELS.length,
    first_id: ids[0] ?? null,
    last_id: ids.at(-1) ?? null,
  });
}
