import { createHash, createHmac } from "node:crypto";
import { encodeAwsFrame } from "../aws-frames.ts";
import type { Answer, Dialect, Failure, Received, Rendered } from "../simulator.ts";
import { bodyProblems } from "./bedrock-checks.ts";
import { isObject } from "./checks.ts";

/** The credentials that the simulated service knows. */
export const KEYS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "not-a-real-secret",
  region: "eu-central-1",
};
export const BEARER = "bedrock-api-key-for-tests";

/** Bedrock's runtime and control plane, written from the AWS documentation; every request's signature is recomputed. */
export const bedrockDialect: Dialect = {
  name: "bedrock",
  problems(request) {
    const operation = operationOf(request);
    if (!operation) return ["no such operation"];
    const body = request.method === "GET" ? [] : bodyProblems(operation, request);
    return [...authenticationProblems(request), ...acceptProblems(operation, request), ...body];
  },
  render(scenario, request) {
    const operation = operationOf(request) ?? "";
    if (scenario.kind === "failure") return refusal(scenario);
    return (RENDER[operation] ?? (() => converse(scenario, true)))(scenario, request);
  },
  errorEvent: () =>
    encodeAwsFrame(
      {
        ":message-type": "exception",
        ":exception-type": "serviceUnavailableException",
        ":content-type": "application/json",
      },
      JSON.stringify({ message: "The service is temporarily unable to handle the request." }),
    ),
  strangerEvent: () => event("tideTableUpdate", { height: 4.2 }),
};

function operationOf({ method, path }: Received): string | undefined {
  if (method === "GET") return /^\/foundation-models(\?|$)/.test(path) ? "foundation-models" : undefined;
  return /^\/model\/[^/]+\/(converse|converse-stream|invoke|count-tokens)$/.exec(path)?.[1];
}

function acceptProblems(operation: string, { headers }: Received): string[] {
  const expected =
    operation === "converse-stream" ? "application/vnd.amazon.eventstream" : "application/json";
  return [undefined, "*/*", expected].includes(headers.accept) ? [] : [`accepts only ${headers.accept}`];
}

function authenticationProblems(request: Received): string[] {
  const given = request.headers.authorization ?? "";
  if (!given.startsWith("Bearer ")) return signatureProblems(request, given);
  return [
    ...(given === `Bearer ${BEARER}` ? [] : ["the bearer token is unknown"]),
    ...(request.headers["x-amz-date"] ? ["a bearer token beside a signature's headers"] : []),
  ];
}

/** AWS Signature Version 4, step by step from its documentation. */
function signatureProblems({ method, path, headers, body }: Received, given: string): string[] {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(given);
  if (!match) return ["the authorization is neither a bearer token nor a signature"];
  const [, credential = "", names = "", signature] = match;
  const time = headers["x-amz-date"] ?? "";
  const scope = `${time.slice(0, 8)}/${KEYS.region}/bedrock/aws4_request`;
  const hash = sha256(body);
  const [rawPath = "", query = ""] = path.split("?");
  const encodedTwice = rawPath.split("/").map(encodeURIComponent).join("/");
  const sortedQuery = query.split("&").sort().join("&");
  const lines = names.split(";").map((name) => `${name}:${(headers[name] ?? "").trim()}\n`);
  const canonical = [method, encodedTwice, sortedQuery, lines.join(""), names, hash].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  let key: Buffer = Buffer.from(`AWS4${KEYS.secretAccessKey}`);
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  const expected = createHmac("sha256", key).update(toSign).digest("hex");
  const mustSign = ["host", "x-amz-date", ...(method === "POST" ? ["content-type"] : [])];
  return [
    ...(credential === `${KEYS.accessKeyId}/${scope}` ? [] : [`signed for ${credential}`]),
    ...mustSign.flatMap((name) => (names.split(";").includes(name) ? [] : [`${name} is not signed`])),
    ...(names === names.split(";").sort().join(";") ? [] : ["the signed headers are not sorted"]),
    ...((headers["x-amz-content-sha256"] ?? hash) === hash ? [] : ["the body's hash is wrong"]),
    ...(signature === expected ? [] : ["the signature does not match"]),
  ];
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

const RENDER: Readonly<Record<string, (answer: Answer, request: Received) => Rendered>> = {
  converse: (answer) => converse(answer, false),
  "converse-stream": (answer) => converse(answer, true),
  "count-tokens": ({ usage }) => json({ inputTokens: usage?.input ?? 1 }),
  "foundation-models": () =>
    json({
      modelSummaries: [
        {
          modelId: "amazon.nova-lite-v1:0",
          modelArn: "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0",
          providerName: "Amazon",
          outputModalities: ["TEXT"],
          inferenceTypesSupported: ["ON_DEMAND"],
          modelLifecycle: { status: "ACTIVE" },
        },
      ],
    }),
  invoke: ({ vectors = [], usage }, request) => {
    if (isObject(request.json) && Array.isArray(request.json.texts)) {
      const rendered = json({ id: "e1", response_type: "embeddings_floats", embeddings: vectors });
      const headers = usage ? { "x-amzn-bedrock-input-token-count": String(usage.input) } : {};
      return { ...rendered, headers: { ...rendered.headers, ...headers } };
    }
    return json({ embedding: vectors[0], ...(usage && { inputTextTokenCount: usage.input }) });
  },
};

const STOP = { stop: "end_turn", length: "max_tokens", content_filter: "guardrail_intervened" } as const;

function converse(answer: Answer, streamed: boolean): Rendered {
  const { tokens = ["ok"], reasoning, toolCalls = [], finish = "stop" } = answer;
  const stopReason = toolCalls.length > 0 ? "tool_use" : STOP[finish];
  const texts = toolCalls.length > 0 ? [] : tokens;
  const closing = { ...counts(answer.usage), metrics: { latencyMs: 812 } };
  if (streamed)
    return eventStream([
      ...streamOf(texts, answer),
      event("messageStop", { stopReason }),
      event("metadata", closing),
    ]);
  const content = [
    ...(reasoning ? [{ reasoningContent: { reasoningText: { text: reasoning, signature: "c2ln" } } }] : []),
    ...(texts.length > 0 ? [{ text: texts.join("") }] : []),
    ...toolCalls.map((call) => ({ toolUse: { toolUseId: call.id, name: call.name, input: call.arguments } })),
  ];
  return json({ output: { message: { role: "assistant", content } }, stopReason, ...closing });
}

function streamOf(texts: readonly string[], { reasoning, toolCalls = [] }: Answer): readonly Uint8Array[] {
  let contentBlockIndex = -1;
  const block = (start: object | undefined, deltas: readonly object[]) => {
    contentBlockIndex += 1;
    return [
      ...(start ? [event("contentBlockStart", { contentBlockIndex, start })] : []),
      ...deltas.map((delta) => event("contentBlockDelta", { contentBlockIndex, delta, p: "abcdefgh" })),
      event("contentBlockStop", { contentBlockIndex }),
    ];
  };
  const thoughts = [{ reasoningContent: { text: reasoning } }, { reasoningContent: { signature: "c2ln" } }];
  return [
    event("messageStart", { role: "assistant" }),
    ...(reasoning ? block(undefined, thoughts) : []),
    ...(texts.length > 0
      ? block(
          undefined,
          texts.map((text) => ({ text })),
        )
      : []),
    ...toolCalls.flatMap((call) => {
      const input = JSON.stringify(call.arguments);
      const pieces = [input.slice(0, 5), input.slice(5)].map((piece) => ({ toolUse: { input: piece } }));
      return block({ toolUse: { toolUseId: call.id, name: call.name } }, pieces);
    }),
  ];
}

/** Cached parts are not in `inputTokens`. */
function counts(usage: Answer["usage"] = { input: 1, output: 1 }) {
  if (!usage) return {};
  const { input, output, cacheRead = 0, cacheWrite = 0 } = usage;
  const cached = { cacheReadInputTokens: cacheRead, cacheWriteInputTokens: cacheWrite };
  const counted = {
    inputTokens: input - cacheRead - cacheWrite,
    outputTokens: output,
    totalTokens: input + output,
  };
  return { usage: { ...counted, ...cached } };
}

const FAILURES: Readonly<Partial<Record<Failure["failure"], readonly [number, string, string]>>> = {
  auth: [403, "UnrecognizedClientException", "The security token included in the request is invalid."],
  rate_limit: [429, "ThrottlingException", "Too many requests, please wait before trying again."],
  quota: [429, "ThrottlingException", "Too many tokens per day, please wait before trying again."],
  overloaded: [503, "ServiceUnavailableException", "Bedrock is unable to process your request."],
  server: [500, "InternalServerException", "The system encountered an unexpected error."],
  not_found: [404, "ResourceNotFoundException", "Could not resolve the foundation model."],
  bad_request: [400, "ValidationException", "Malformed input request, please reformat your input."],
  context: [400, "ValidationException", "Input is too long for requested model."],
};

function refusal({ failure }: Failure): Rendered {
  const [status, name, message] = FAILURES[failure] ?? [400, "ValidationException", failure];
  const type = { "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/` };
  const rendered = json({ message });
  return { ...rendered, status, headers: { ...rendered.headers, ...type, "x-amzn-requestid": "7f3c-01" } };
}

const json = (body: object): Rendered => ({
  status: 200,
  headers: { "content-type": "application/json", "x-amzn-requestid": "7f3c-01" },
  events: [JSON.stringify(body)],
});
const eventStream = (events: readonly Uint8Array[]): Rendered => ({
  status: 200,
  headers: { "content-type": "application/vnd.amazon.eventstream", "x-amzn-requestid": "7f3c-01" },
  events,
  markerEvents: 2,
});
const event = (type: string, payload: object) =>
  encodeAwsFrame(
    { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify(payload),
  );
