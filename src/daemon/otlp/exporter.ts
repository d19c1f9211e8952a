import type { Clock } from "../../core/clock.ts";
import { asRiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Transport } from "../../wire/http.ts";
import type { Log } from "../context.ts";
import type { Counter } from "../metrics/registry.ts";
import type { Observer } from "../observer.ts";
import { type Posted, post } from "./post.ts";
import { createQueue } from "./queue.ts";
import { metricsOf } from "./samples.ts";
import { type SpanParts, spansOf } from "./spans.ts";
import { parseTraceParent } from "./traceparent.ts";
import { attributesOf, bodyOf } from "./values.ts";

/** What an exporter needs of the daemon around it. */
export interface ExporterParts extends SpanParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly pid: number;
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly transport: Transport;
  /** Counts spans that were given up. */
  readonly dropped: Counter;
  redact(text: string): string;
  /** Everything that is counted, as the text of /metrics. */
  metrics(): Promise<string>;
}

/** Sends what it sees to one collector. */
export interface Exporter extends Pick<Observer, "ended"> {
  /** Sends what still waits, for up to a second, and then gives up what is left. */
  close(): Promise<void>;
}

const METRICS_EVERY_MS = 15_000;
const FLUSH_WITHIN_MS = 1_000;
const COMPLAIN_EVERY_MS = 60_000;

/** @param endpoint Base address of the collector, which the paths of the signals are appended to. */
export function createExporter(endpoint: string, parts: ExporterParts): Exporter {
  const { clock, dropped, redact } = parts;
  const base = endpoint.replace(/\/+$/, "");
  const ending = new AbortController();
  const complain = complaints(parts, base);
  const { resource, scope } = origin(parts);
  const send = async (signal: "traces" | "metrics", body: JsonObject): Promise<Posted> => {
    const posted = await post({ ...parts, url: `${base}/v1/${signal}` }, bodyOf(body, redact), ending.signal);
    if (posted.kind !== "taken") complain(posted.problem);
    return posted;
  };
  const queue = createQueue({
    ...{ clock, dropped },
    send: (batch) => {
      const spans = batch.flatMap((ended) => spansOf(ended, parts));
      return send("traces", { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
    },
  });
  const sendMetrics = async (): Promise<void> => {
    try {
      const metrics = metricsOf(await parts.metrics(), { startedMs: parts.startedMs, nowMs: clock.wall() });
      await send("metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] });
    } catch (thrown) {
      complain(`no metrics: ${asRiptideError(thrown).message}`);
    }
  };
  const stopMetrics = every(METRICS_EVERY_MS, clock, sendMetrics);
  return {
    ended(work, end) {
      const parent = parseTraceParent(work.traceparent);
      if (parent?.isSampled !== false) queue.add({ work, ending: end, parent, endedMs: clock.wall() });
    },
    async close() {
      stopMetrics();
      const over = new Promise<void>((resolve) =>
        ending.signal.addEventListener("abort", () => resolve(), { once: true }),
      );
      const late = new Error(`no answer within ${FLUSH_WITHIN_MS} ms of the end`);
      const cancel = clock.timer(FLUSH_WITHIN_MS, () => ending.abort(late));
      await Promise.all([queue.flush(), Promise.race([sendMetrics(), over])]);
      cancel();
      queue.abandon();
    },
  };
}

/** Who sends this (OpenTelemetry resource conventions), and the part of it that measures. */
function origin({ version, pid }: Pick<ExporterParts, "version" | "pid">) {
  const attributes = attributesOf({
    "service.name": "riptide",
    "service.version": version,
    "process.pid": pid,
  });
  return { resource: { attributes }, scope: { name: "riptide", version } };
}

/** Says what is wrong at most once a minute. */
function complaints({ clock, log }: Pick<ExporterParts, "clock" | "log">, endpoint: string) {
  let saidMs = Number.NEGATIVE_INFINITY;
  return (problem: string): void => {
    if (clock.now() - saidMs < COMPLAIN_EVERY_MS) return;
    saidMs = clock.now();
    log.warn({ endpoint }, `telemetry.otlp_endpoint: ${problem}`);
  };
}

/** Again and again, each time after the last one has ended. */
function every(ms: number, clock: Clock, work: () => Promise<void>): () => void {
  let cancel = () => {};
  let isStopped = false;
  const wait = (): void => {
    if (isStopped) return;
    cancel = clock.timer(ms, () => void work().finally(wait));
  };
  wait();
  return () => {
    isStopped = true;
    cancel();
  };
}
