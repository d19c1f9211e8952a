import type { Clock } from "../../core/clock.ts";
import { asRiptideError } from "../../core/errors.ts";
import type { Transport } from "../../wire/http.ts";

/** What became of an export. */
export type Posted =
  /** `rejected`: how many spans of it the collector did not want. */
  | { readonly kind: "taken"; readonly rejected: number }
  /** It may be taken at another time. */
  | { readonly kind: "later"; readonly problem: string; readonly waitMs: number }
  | { readonly kind: "refused"; readonly problem: string };

export interface Collector {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Of the whole signal, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
}

const HTTP_OK = 200;
const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;
const MAX_WAIT_MS = 60_000;
const MS_PER_SECOND = 1_000;

/** The statuses after which a client may try again (OTLP specification, "Retryable Response Codes"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Hands one export to the collector: OTLP over HTTP, encoded as JSON. It never rejects. */
export async function post(collector: Collector, body: string, signal: AbortSignal): Promise<Posted> {
  try {
    const { status, headers, text } = await within(TIMEOUT_MS, { ...collector, signal }, body);
    if (status === HTTP_OK) return { kind: "taken", rejected: rejectedIn(text) };
    const problem = `the collector answered ${status}`;
    if (!RETRYABLE.has(status)) return { kind: "refused", problem };
    const waitMs = Math.min(MAX_WAIT_MS, Number(headers["retry-after"] ?? 0) * MS_PER_SECOND || 0);
    return { kind: "later", problem, waitMs };
  } catch (thrown) {
    const { code, message } = asRiptideError(thrown);
    const problem = `the collector: ${message}`;
    return code === "config_invalid" ? { kind: "refused", problem } : { kind: "later", problem, waitMs: 0 };
  }
}

async function within(
  ms: number,
  { transport, clock, url, signal }: Collector & { readonly signal: AbortSignal },
  body: string,
) {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const cancel = clock.timer(ms, () => controller.abort(new Error(`no answer within ${ms} ms`)));
  try {
    const request = { method: "POST", url, headers: { "content-type": "application/json" }, body } as const;
    const exchange = { signal: controller.signal, connectTimeoutMs: ms, maxBodyBytes: MAX_ANSWER_BYTES };
    const response = await transport(request, exchange);
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return { ...response, text: Buffer.concat(chunks).toString("utf8") };
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

/** A collector that took a part says how many it did not (OTLP specification, "Partial Success"). */
function rejectedIn(text: string): number {
  try {
    const partial = Object(JSON.parse(text).partialSuccess);
    return Number(partial.rejectedSpans ?? 0) || 0;
  } catch {
    // Some answer with nothing at all; the status has said that it is taken.
    return 0;
  }
}
