import type { Dialect, Received } from "../simulator.ts";
import { type ChatRules, chatProblems, isFields } from "./openai-checks.ts";
import { renderChat, renderEmbeddings, renderFailure, renderModels, sse } from "./openai-render.ts";

/** What a simulated server of the dialect insists on. */
export interface OpenAiRules extends ChatRules {
  readonly name: string;
  /** What the authorization header has to be; absent: there must be none. */
  readonly authorization?: string;
}

export const OPENAI: OpenAiRules = {
  name: "openai",
  authorization: "Bearer sk-simulated",
  maxTokensField: "max_completion_tokens",
  obfuscation: true,
};
export const COMPATIBLE: OpenAiRules = {
  name: "openai-compatible",
  maxTokensField: "max_tokens",
  obfuscation: false,
};

/** A server of OpenAI's dialect under `/v1`. */
export function openAiDialect(rules: OpenAiRules): Dialect {
  return {
    name: rules.name,
    problems: (request) => [...headerProblems(request, rules), ...routeProblems(request, rules)],
    render(scenario, request) {
      if (scenario.kind === "failure") return renderFailure(scenario);
      if (request.path === "/v1/models") return renderModels();
      return request.path === "/v1/embeddings"
        ? renderEmbeddings(scenario, request)
        : renderChat(scenario, request);
    },
    errorEvent: () =>
      sse({
        error: {
          message: "The server is currently overloaded.",
          type: "service_unavailable_error",
          param: null,
          code: "server_is_overloaded",
        },
      }),
    strangerEvent: () => `event: weather\n${sse({ object: "weather.report", sky: "clear", choices: [] })}`,
  };
}

function headerProblems({ headers, method }: Received, { authorization }: OpenAiRules): string[] {
  const problems: string[] = [];
  if (headers.authorization !== authorization) problems.push("wrong authorization header");
  if ("api-key" in headers || "x-api-key" in headers) problems.push("a key that does not belong here");
  if (method === "POST" && headers["content-type"] !== "application/json") problems.push("not sent as JSON");
  return problems;
}

function routeProblems({ method, path, json: body, body: bytes }: Received, rules: OpenAiRules): string[] {
  switch (`${method} ${path}`) {
    case "GET /v1/models":
      return bytes.length > 0 ? ["a GET with a body"] : [];
    case "POST /v1/chat/completions":
      return chatProblems(body, rules);
    case "POST /v1/embeddings":
      return embeddingProblems(body);
    default:
      return [`no such route: ${method} ${path}`];
  }
}

export function embeddingProblems(body: unknown): string[] {
  if (!isFields(body)) return ["the body is no JSON object"];
  const { model, input, dimensions, encoding_format, ...others } = body;
  const problems = Object.keys(others).map((name) => `unknown field ${name}`);
  if (typeof model !== "string") problems.push("no model");
  const isInput = Array.isArray(input) && input.length >= 1 && input.length <= 2_048;
  if (!isInput || !input.every((text) => typeof text === "string" && text !== "")) problems.push("bad input");
  if (dimensions !== undefined && !Number.isInteger(dimensions)) problems.push("bad dimensions");
  if (![undefined, "float", "base64"].includes(encoding_format as string))
    problems.push("bad encoding_format");
  return problems;
}
