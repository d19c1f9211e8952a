import type { Answer, Dialect, Received, Rendered } from "../simulator.ts";
import { isObject, list, type ObjectValue, strangers, unless } from "./checks.ts";
import { countProblems, generateProblems } from "./vertex-contents.ts";
import { bareError, googleFailure, reply } from "./vertex-failures.ts";

/** Gemini on Vertex AI, written from Google's documentation (v1 and v1beta1). */
export const vertexDialect: Dialect = {
  name: "vertex",
  problems(request) {
    const token = [
      ...unless(request.headers.authorization === "Bearer ya29.test", "no access token"),
      ...unless(request.headers["x-goog-api-key"] === undefined, "a key that does not belong here"),
    ];
    if (isList(request)) return [...token, ...unless(request.body.length === 0, "a GET with a body")];
    const call = callOf(request);
    const check = call && CHECKS[call.method];
    if (!call || !check) return ["no such route"];
    if (!isObject(request.json)) return ["the body is no JSON object"];
    return [
      ...token,
      ...unless(request.headers["content-type"]?.startsWith("application/json"), "not sent as JSON"),
      ...check(request.json, call.model),
    ];
  },
  render(scenario, request) {
    const method = callOf(request)?.method ?? "";
    if (scenario.kind === "answer")
      return isList(request) ? listed() : (RENDER[method]?.(scenario, request) ?? reply(404, {}));
    // A blocked prompt is an answer to Google.
    return scenario.failure === "filter" ? blocked(method) : googleFailure(scenario);
  },
  errorEvent: bareError,
  strangerEvent: () => chunk({ weatherReport: { sky: "clear" } }),
};

const ROUTE =
  /^\/v1(?:beta1)?\/projects\/test-project\/locations\/(?:global|us-central1)\/publishers\/google\/models\/([^/:]+):(.+)$/;

const isList = ({ method, path }: Received) =>
  method === "GET" && /^\/v1beta1\/publishers\/google\/models(?:\?pageSize=\d+)?$/.test(path);

function callOf({ method, path }: Received) {
  const [, model, verb] = ROUTE.exec(path) ?? [];
  return method === "POST" && model && verb ? { model, method: verb } : undefined;
}

const STREAMED = "streamGenerateContent?alt=sse";

const CHECKS: Readonly<Record<string, (body: ObjectValue, model: string) => string[]>> = {
  generateContent: generateProblems,
  [STREAMED]: generateProblems,
  countTokens: countProblems,
  predict: (body, model) => [
    ...strangers(body, ["instances", "parameters"]),
    ...unless(list(body.instances).length > 0, "no instances"),
    ...unless(list(body.instances).length <= 250, "more than 250 instances"),
    ...unless(!model.startsWith("gemini") || list(body.instances).length === 1, "one instance per call"),
    ...unless(!/^gemini-embedding-[2-9]/.test(model), "this model takes embedContent"),
    ...list(body.instances).flatMap((instance) =>
      unless(isObject(instance) && typeof instance.content === "string", "an instance without content"),
    ),
  ],
  embedContent: (body, model) => [
    ...strangers(body, ["content", "embedContentConfig"]),
    ...unless(/^gemini-embedding-[2-9]/.test(model), "this model takes predict"),
    ...unless(isObject(body.content) && list(body.content.parts).length > 0, "no content"),
  ],
};

const RENDER: Readonly<Record<string, (answer: Answer, request: Received) => Rendered>> = {
  generateContent: (answer) =>
    reply(200, {
      candidates: [{ index: 0, content: { role: "model", parts: wholeParts(answer) }, ...ending(answer) }],
      ...tail(answer),
    }),
  [STREAMED]: streamed,
  countTokens: ({ usage }) => reply(200, { totalTokens: usage?.input ?? 12, totalBillableCharacters: 40 }),
  predict: ({ vectors = [] }, { json: body, path }) => {
    const count = isObject(body) ? list(body.instances).length : 0;
    // A model that takes one text per call is asked once for each: the answer follows from the text.
    const chosen = path.includes("gemini")
      ? vectors.slice(textIndex(body), textIndex(body) + 1)
      : vectors.slice(0, count);
    return reply(200, {
      predictions: chosen.map((values) => ({
        embeddings: { values, statistics: { token_count: 3, truncated: false } },
      })),
      metadata: { billableCharacterCount: 30 },
    });
  },
  embedContent: ({ vectors = [] }, { json: body }) =>
    reply(200, {
      embedding: { values: vectors[textIndex(body)] ?? vectors[0] ?? [1] },
      truncated: false,
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
    }),
};

/** A text that begins with `second` gets the second vector. */
const textIndex = (body: unknown) => (/"(?:content|text)":"second/.test(JSON.stringify(body)) ? 1 : 0);

const listed = () =>
  reply(200, {
    publisherModels: [{ name: "publishers/google/models/gemini-2.5-flash" }],
    nextPageToken: "p2",
  });

const chunk = (data: unknown): string => `data: ${JSON.stringify(data)}\r\n\r\n`;

const SSE = { "content-type": "text/event-stream" };

function blocked(method: string): Rendered {
  const body = {
    promptFeedback: { blockReason: "SAFETY" },
    usageMetadata: { promptTokenCount: 5 },
    responseId: "r1",
  };
  return method === STREAMED ? { status: 200, headers: SSE, events: [chunk(body)] } : reply(200, body);
}

function streamed(answer: Answer): Rendered {
  const parts = [
    ...(answer.reasoning ? [{ text: answer.reasoning, thought: true }] : []),
    ...(answer.tokens ?? []).map((text) => ({ text })),
    ...callParts(answer),
  ];
  const chunks = parts.map((part) => ({
    candidates: [{ index: 0, content: { role: "model", parts: [part] } }],
    usageMetadata: { trafficType: "ON_DEMAND" },
    modelVersion: "gemini-test",
    responseId: "r1",
  }));
  const last = { candidates: [{ index: 0, ...ending(answer) }], ...tail(answer) };
  return { status: 200, headers: SSE, events: [...chunks, last].map(chunk), markerEvents: 1 };
}

const wholeParts = (answer: Answer) => [
  ...(answer.reasoning ? [{ text: answer.reasoning, thought: true }] : []),
  ...(answer.tokens ? [{ text: answer.tokens.join("") }] : []),
  ...callParts(answer),
];

/** The vendor gives its calls no ids, and signs the first. */
const callParts = ({ toolCalls = [] }: Answer) =>
  toolCalls.map(({ name, arguments: args }, index) => ({
    functionCall: { name, args },
    ...(index === 0 && { thoughtSignature: "c2lnbmVk" }),
  }));

const FINISH = { stop: "STOP", length: "MAX_TOKENS", content_filter: "SAFETY" } as const;
const ending = ({ finish = "stop" }: Answer) => ({ finishReason: FINISH[finish] });

function tail({ usage }: Answer) {
  const { input, output, cacheRead, reasoning = 0 } = usage ?? { input: 12, output: 3, cacheRead: 0 };
  const counts = {
    promptTokenCount: input,
    candidatesTokenCount: output - reasoning,
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    ...(cacheRead && { cachedContentTokenCount: cacheRead }),
    totalTokenCount: input + output,
    trafficType: "ON_DEMAND",
  };
  return { ...(usage !== null && { usageMetadata: counts }), modelVersion: "gemini-test", responseId: "r1" };
}
