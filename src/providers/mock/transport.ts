import type { Clock } from "../../core/clock.ts";
import type { ResponseHeaders, Transport, WireRequest } from "../../wire/http.ts";
import { answerTo, fillIn } from "./answer.ts";
import { deliver, failureText, type MockBody, pause, silence } from "./delivery.ts";
import { estimateTokens, type MockEmbeddingRequest, type MockRequest, promptText } from "./dialect.ts";
import type { MockOptions } from "./options.ts";
import { createScript, type ScriptStep } from "./script.ts";
import { unitVector } from "./vector.ts";

const OK: ScriptStep = { kind: "ok" };
const MODELS = [
  { model: "mock-small", contextTokens: 8_192, maxOutputTokens: 2_048 },
  { model: "mock-large", contextTokens: 131_072, maxOutputTokens: 16_384 },
];

/** Answers requests of the mock's adapter in this process, with the delays and faults of its options. */
export function mockTransport(options: MockOptions, clock: Clock): Transport {
  const nextStep = createScript(options);
  const bodyOf = createBodies(options);
  return async (request, { signal }) => {
    const startedMs = clock.now();
    // The script is for what costs tokens; probes, lists and counts pass it by.
    const step = /\/(complete|embed)$/.test(request.url) ? nextStep() : OK;
    if (step.kind === "timeout") return silence(signal);
    await pause(clock, options.latency ?? 0, signal);
    const { body, status, headers } = step.kind === "status" ? failure(step) : success(bodyOf(request));
    return {
      status,
      headers,
      body: deliver(body, step, { clock, signal, intervalMs: options.tokenInterval ?? 0 }),
      timings: { firstByteMs: clock.now() - startedMs },
    };
  };
}

interface Head {
  readonly body: MockBody;
  readonly status: number;
  readonly headers: ResponseHeaders;
}

const success = (body: MockBody): Head => ({ body, status: 200, headers: {} });

function failure({ status, retryAfterMs }: Extract<ScriptStep, { kind: "status" }>): Head {
  const headers = retryAfterMs === undefined ? {} : { "retry-after": String(retryAfterMs / 1_000) };
  return { body: { kind: "whole", text: failureText(status) }, status, headers };
}

function createBodies(options: MockOptions): (request: WireRequest) => MockBody {
  const nextReply = createReplies(options.reply);
  return ({ url, body = "{}" }) => {
    const json = (value: unknown): MockBody => ({ kind: "whole", text: JSON.stringify(value) });
    // The adapter beside this file wrote the body.
    const asked = JSON.parse(String(body)) as MockRequest & MockEmbeddingRequest;
    if (url.endsWith("/embed")) return json(embed(asked, options.seed ?? 0));
    if (url.endsWith("/count")) return json({ tokens: estimateTokens(promptText(asked)) });
    if (!url.endsWith("/complete")) return json({ models: MODELS });
    const answer = answerTo(asked, fillIn(nextReply(), asked), options.usage);
    if (!asked.stream) return json(answer.whole);
    const lines = [answer.head, ...answer.tokens, answer.last];
    return { kind: "stream", lines: lines.map((line) => JSON.stringify(line)) };
  };
}

/** Gives the replies in turn, from the first again after the last. */
function createReplies(reply: MockOptions["reply"] = "Mock response to: {{prompt}}"): () => string {
  const replies = typeof reply === "string" ? [reply] : reply;
  let turn = 0;
  return () => {
    const next = replies[turn % replies.length] ?? "";
    turn += 1;
    return next;
  };
}

function embed({ texts, dimensions = 8 }: MockEmbeddingRequest, seed: number) {
  return {
    vectors: texts.map((text) => unitVector(text, dimensions, seed)),
    usage: { input: texts.reduce((sum, text) => sum + estimateTokens(text), 0), output: 0 },
  };
}
