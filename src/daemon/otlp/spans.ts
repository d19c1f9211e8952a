import type { ErrorCode } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Attempt } from "../../engine/events.ts";
import { ownerOf } from "../metrics/owners.ts";
import type { Ending, Work } from "../observer.ts";
import type { TraceParent } from "./traceparent.ts";
import { attributesOf, nanosOf, type Value } from "./values.ts";

/** A request that has ended, as it waits to be exported. */
export interface Ended {
  readonly work: Work;
  readonly ending: Ending;
  readonly parent: TraceParent | undefined;
  /** Unix milliseconds. */
  readonly endedMs: number;
}

export interface SpanParts {
  /** Random bytes as hex digits. */
  hex(bytes: number): string;
  /** The type of a configured provider. */
  typeOf(provider: string): string | undefined;
}

/** Numbers of the OTLP enumerations `SpanKind` and `StatusCode`. */
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
const NANO_PER_USD = 1e9;

/** How many spans {@link spansOf} makes of a request. */
export const countSpans = ({ ending }: Ended): number => 1 + ending.attempts.length;

/**
 * A request as a span, and under it each call to a provider, by the OpenTelemetry conventions for generative AI. No
 * word of a prompt, an answer or an error's message is in them. Tokens stand at the calls alone, so that nobody who
 * adds them up counts them twice.
 */
export function spansOf(ended: Ended, parts: SpanParts): readonly JsonObject[] {
  const { parent, work, ending } = ended;
  const traceId = parent?.traceId ?? parts.hex(TRACE_BYTES);
  const spanId = parts.hex(SPAN_BYTES);
  const calls = ending.attempts.map((attempt) => ({
    ...{ traceId, spanId: parts.hex(SPAN_BYTES), parentSpanId: spanId },
    ...callSpan(attempt, operationOf(work), parts),
  }));
  const own = { traceId, spanId, ...(parent && { parentSpanId: parent.spanId }), ...requestSpan(ended) };
  return [own, ...calls];
}

const operationOf = (work: Work): string => (work.class === "completion" ? "chat" : "embeddings");

function requestSpan({ work, ending, endedMs }: Ended): JsonObject {
  const { error, attempts, skipped, totalMs, firstTokenMs } = ending;
  const startMs = Math.min(endedMs - totalMs, attempts[0]?.startedMs ?? Number.POSITIVE_INFINITY);
  return {
    name: `riptide ${operationOf(work)}`,
    kind: SERVER,
    ...{ startTimeUnixNano: nanosOf(startMs), endTimeUnixNano: nanosOf(endedMs) },
    attributes: attributesOf({
      "riptide.request.id": work.id,
      "riptide.tenant": work.tenant,
      "riptide.dialect": work.dialect,
      "riptide.stream": work.stream,
      "riptide.generation": work.generation,
      "riptide.attempts": attempts.length,
      "riptide.skips": skipped.length,
      "riptide.first_token_ms": double(firstTokenMs),
      ...errorAttributes(error?.code),
    }),
    status: statusOf(error?.code),
  };
}

function callSpan(attempt: Attempt, operation: string, { typeOf }: SpanParts): JsonObject {
  const { provider, model, charge, code, startedMs, ms } = attempt;
  const isBilled = charge.source !== "none";
  return {
    name: `${operation} ${model}`,
    kind: CLIENT,
    ...{ startTimeUnixNano: nanosOf(startedMs), endTimeUnixNano: nanosOf(startedMs + ms) },
    attributes: attributesOf({
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": vendorOf(typeOf(provider) ?? provider),
      "gen_ai.request.model": model,
      "gen_ai.usage.input_tokens": isBilled ? charge.inputTokens : null,
      "gen_ai.usage.output_tokens": isBilled ? charge.outputTokens : null,
      "http.response.status_code": attempt.status,
      "riptide.provider": provider,
      "riptide.provider.request_id": attempt.providerRequestId,
      "riptide.attempt": attempt.n,
      "riptide.attempt.kind": attempt.kind,
      "riptide.cost_usd":
        isBilled && charge.priceVersion !== null ? double(charge.costNano / NANO_PER_USD) : null,
      "riptide.first_token_ms": double(attempt.firstTokenMs),
      ...errorAttributes(code),
    }),
    status: statusOf(code),
  };
}

/** The words of the conventions for `gen_ai.provider.name`, where they are not the name of the type. */
const VENDORS: ReadonlyMap<string, string> = new Map([
  ["azure-openai", "azure.ai.openai"],
  ["bedrock", "aws.bedrock"],
  ["vertex", "gcp.vertex_ai"],
]);

const vendorOf = (type: string): string => VENDORS.get(type) ?? type;

const double = (value: number | null): Value => (value === null ? null : { doubleValue: value });

/** The type is of the closed vocabulary that /metrics has, too. */
const errorAttributes = (code: ErrorCode | null | undefined): Readonly<Record<string, Value>> =>
  code ? { "error.type": ownerOf(code), "riptide.error.code": code } : {};

/** A caller who goes away is no error. */
const statusOf = (code: ErrorCode | null | undefined): JsonObject =>
  code && code !== "cancelled" ? { code: ERROR, message: code } : {};
