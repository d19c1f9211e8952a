import type { JsonObject } from "../../core/json.ts";
import { attributesOf, nanosOf } from "./values.ts";

/** Unix milliseconds. */
export interface Period {
  readonly startedMs: number;
  readonly nowMs: number;
}

const CUMULATIVE = 2;

/**
 * What /metrics says as metrics of OTLP, so that both always say the same. Of a name that comes twice the first is
 * taken. `gen_ai_*` get the names that the OpenTelemetry conventions have for them.
 *
 * @param text In the text format of Prometheus, as the registry writes it.
 */
export function metricsOf(text: string, period: Period): readonly JsonObject[] {
  const metrics = new Map<string, JsonObject>();
  for (const block of text.split(/^# HELP /m).slice(1)) {
    const [help = "", type = "", ...lines] = block.trimEnd().split("\n");
    const [name = "", ...words] = help.split(" ");
    if (metrics.has(name)) continue;
    const kind = type.slice(type.lastIndexOf(" ") + 1);
    const data = dataOf(kind, lines.flatMap(sampleOf), period);
    metrics.set(name, { ...nameOf(name), description: words.join(" "), ...data });
  }
  return [...metrics.values()];
}

const CONVENTIONAL: ReadonlyMap<string, { readonly name: string; readonly unit: string }> = new Map([
  ["gen_ai_client_operation_duration_seconds", { name: "gen_ai.client.operation.duration", unit: "s" }],
  ["gen_ai_client_token_usage", { name: "gen_ai.client.token.usage", unit: "{token}" }],
]);

function nameOf(name: string): { readonly name: string; readonly unit: string } {
  const unit = /_seconds(_total)?$/.test(name) ? "s" : /_bytes$/.test(name) ? "By" : "";
  return CONVENTIONAL.get(name) ?? { name, unit };
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

function sampleOf(line: string): readonly Sample[] {
  const [, name, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return [];
  const pairs = [...labels.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, plain(text)]);
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
}

const plain = (text: string): string =>
  text.replace(/\\(.)/g, (_whole, letter: string) => (letter === "n" ? "\n" : letter));

const attributesFor = (labels: Sample["labels"]) =>
  attributesOf(
    Object.fromEntries(
      Object.entries(labels).map(([label, text]) => [
        /^(gen_ai|error)_/.test(label) ? label.replaceAll("_", ".").replace("gen.ai", "gen_ai") : label,
        text,
      ]),
    ),
  );

function dataOf(kind: string, samples: readonly Sample[], { startedMs, nowMs }: Period): JsonObject {
  const at = { startTimeUnixNano: nanosOf(startedMs), timeUnixNano: nanosOf(nowMs) };
  if (kind === "histogram") {
    const dataPoints = histogramsIn(samples).map((point) => ({ ...point, ...at }));
    return { histogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
  }
  const points = samples.map(({ labels, value }) => ({
    attributes: attributesFor(labels),
    asDouble: value,
    ...at,
  }));
  if (kind === "counter") {
    return { sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: points } };
  }
  return { gauge: { dataPoints: points } };
}

/** Each comes as its buckets, each of which counts those below it too, then its sum and its count. */
function histogramsIn(samples: readonly Sample[]): readonly JsonObject[] {
  const points: JsonObject[] = [];
  let bounds: number[] = [];
  let counts: string[] = [];
  let below = 0;
  let sum = 0;
  for (const { name, labels, value } of samples) {
    if (name.endsWith("_bucket")) {
      if (labels.le !== "+Inf") bounds.push(Number(labels.le));
      counts.push(String(value - below));
      below = value;
    } else if (name.endsWith("_sum")) sum = value;
    else {
      const attributes = attributesFor(labels);
      points.push({ attributes, count: String(value), sum, bucketCounts: counts, explicitBounds: bounds });
      bounds = [];
      counts = [];
      below = 0;
    }
  }
  return points;
}
