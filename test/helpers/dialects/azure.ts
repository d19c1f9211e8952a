import type { Answer, Dialect, Failure, Received, Rendered } from "../simulator.ts";
import { embeddingProblems } from "./openai.ts";
import { chatProblems, isFields } from "./openai-checks.ts";
import { json, renderChat, renderEmbeddings, renderFailure, renderModels, sse } from "./openai-render.ts";

/** What a simulated Azure resource insists on. */
export interface AzureRules {
  /** Absent: the v1 endpoint. */
  readonly apiVersion?: string;
  /** The only deployments there are. */
  readonly deployments: readonly string[];
  /** Header and value of the credentials. */
  readonly credential: readonly [name: string, value: string];
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens";
}

/** An Azure OpenAI resource in one of its two styles of address. */
export function azureDialect(rules: AzureRules): Dialect {
  return {
    name: rules.apiVersion ? `azure ${rules.apiVersion}` : "azure v1",
    problems: (request) => [...headerProblems(request, rules), ...routeProblems(request, rules)],
    render(scenario, request) {
      if (scenario.kind === "failure") return renderAzureFailure(scenario);
      const operation = operationOf(request, rules)?.operation;
      if (operation === "models") return renderModels();
      return operation === "embeddings"
        ? renderEmbeddings(scenario, request)
        : renderAnswer(scenario, request);
    },
    errorEvent: () =>
      sse({ error: { message: "The service is overloaded.", code: "503", type: "server_error" } }),
    // The asynchronous filter sends annotations without a delta.
    strangerEvent: () =>
      sse({
        choices: [
          {
            index: 0,
            finish_reason: null,
            content_filter_results: SAFE,
            content_filter_offsets: { check_offset: 44, start_offset: 44, end_offset: 198 },
          },
        ],
      }),
  };
}

const SAFE = {
  hate: { filtered: false, severity: "safe" },
  violence: { filtered: false, severity: "safe" },
};
const VIOLENT = { ...SAFE, violence: { filtered: true, severity: "medium" } };

function renderAnswer(answer: Answer, request: Received): Rendered {
  const results = answer.finish === "content_filter" ? VIOLENT : SAFE;
  return renderChat(answer, request, {
    choice: { content_filter_results: results },
    first: { prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }] },
  });
}

interface Operation {
  readonly operation: string;
  /** In the path of a dated address. */
  readonly deployment?: string | undefined;
  readonly query: string;
}

function operationOf({ path }: Received, { apiVersion }: AzureRules): Operation | undefined {
  const [pathname = "", query = ""] = path.split("?");
  if (!apiVersion) {
    const operation = /^\/openai\/v1\/(chat\/completions|embeddings|models)$/.exec(pathname)?.[1];
    return operation === undefined ? undefined : { operation, query };
  }
  if (pathname === "/openai/models") return { operation: "models", query };
  const match = /^\/openai\/deployments\/([^/]+)\/(chat\/completions|embeddings)$/.exec(pathname);
  return match?.[2]
    ? { operation: match[2], deployment: decodeURIComponent(match[1] ?? ""), query }
    : undefined;
}

function routeProblems(request: Received, rules: AzureRules): string[] {
  const found = operationOf(request, rules);
  if (!found) return [`no such route: ${request.path}`];
  const problems: string[] = [];
  if (found.query !== (rules.apiVersion ? `api-version=${rules.apiVersion}` : ""))
    problems.push("wrong api-version");
  const { json: body } = request;
  if (found.operation === "models") return request.method === "GET" ? problems : [...problems, "not a GET"];
  const named = found.deployment ?? (isFields(body) ? body.model : undefined);
  if (!rules.deployments.includes(String(named))) problems.push(`no deployment ${named}`);
  const { maxTokensField = "max_completion_tokens" } = rules;
  return [
    ...problems,
    ...(found.operation === "embeddings"
      ? embeddingProblems(body)
      : chatProblems(body, { maxTokensField, obfuscation: false })),
  ];
}

function headerProblems({ headers, method }: Received, { credential: [name, value] }: AzureRules): string[] {
  const problems: string[] = [];
  if (headers[name] !== value) problems.push(`wrong ${name} header`);
  if ("api-key" in headers && "authorization" in headers) problems.push("two credentials");
  if (method === "POST" && headers["content-type"] !== "application/json") problems.push("not sent as JSON");
  return problems;
}

/** Azure's own shapes; what is not here comes in OpenAI's. */
const FAILURES: Readonly<
  Partial<Record<Failure["failure"], { readonly status: number; readonly body: object }>>
> = {
  auth: {
    status: 401,
    body: {
      statusCode: 401,
      message: "Access denied due to invalid subscription key or wrong API endpoint.",
    },
  },
  rate_limit: {
    status: 429,
    body: { error: { code: "429", message: "Requests have exceeded the token rate limit of your tier." } },
  },
  not_found: {
    status: 404,
    body: {
      error: { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." },
    },
  },
  filter: {
    status: 400,
    body: {
      error: {
        message: "The response was filtered due to the prompt triggering the content management policy.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: VIOLENT },
      },
    },
  },
};

function renderAzureFailure(scenario: Failure): Rendered {
  const own = FAILURES[scenario.failure];
  if (!own) return renderFailure(scenario);
  const { retryAfterSeconds } = scenario;
  const wait =
    retryAfterSeconds === undefined ? undefined : { "retry-after-ms": String(retryAfterSeconds * 1_000) };
  return json(own.body, own.status, { "apim-request-id": "apim-sim-1", ...wait });
}
