import { contact, controlText } from "./client/control.ts";
import type { Run } from "./command.ts";
import { printDocument } from "./print.ts";

/** `riptide metrics`: what the daemon counts, as Prometheus reads it. */
export const run: Run = async (call) => {
  const { socket } = await contact(call);
  const text = await controlText(call, socket, { method: "GET", path: "/metrics", accept: "text/plain" });
  if (call.format === "json") await printDocument(call, metricsDocument(text));
  else await call.io.stdout.write(text);
  return 0;
};

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null for what is no number in JSON. */
  readonly value: number | null;
}

/** Prometheus' text as `riptide.metrics/1` (Prometheus documentation, "Exposition formats"). */
export function metricsDocument(text: string) {
  const metrics = new Map<string, Metric>();
  const ofName = (name: string, facts: Partial<Metric> = {}): Metric => {
    const known = metrics.get(name) ?? { name, type: "untyped", help: "", samples: [] };
    const metric = { ...known, ...facts };
    metrics.set(name, metric);
    return metric;
  };
  for (const line of text.split("\n")) {
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word === "HELP") ofName(name, { help: unescaped(rest) });
    if (word === "TYPE") ofName(name, { type: rest });
    const sample = line.startsWith("#") ? undefined : sampleOf(line);
    if (sample) ofName(familyOf(sample.name, metrics)).samples.push(sample);
  }
  return { schema: "riptide.metrics/1", metrics: [...metrics.values()] };
}

function sampleOf(line: string): Sample | undefined {
  const [, name, inner = "", number = ""] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const pairs = [...inner.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  const value = Number(number);
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, key = "", said = ""]) => [key, unescaped(said)])),
    value: Number.isFinite(value) ? value : null,
  };
}

/** The parts of a histogram stand under its own name. */
function familyOf(name: string, metrics: ReadonlyMap<string, unknown>): string {
  const bare = name.replace(/_(bucket|sum|count)$/, "");
  return metrics.has(name) || !metrics.has(bare) ? name : bare;
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
