import type { Log } from "../context.ts";
import type { Observer } from "../observer.ts";
import type { Exporter } from "./exporter.ts";

export interface OtlpParts {
  readonly log: Log;
  /** Those who watch requests anyway. */
  readonly watching: Observer;
  /** Loads what exports; it is asked for when the first collector is named. */
  exporters(): Promise<(endpoint: string) => Exporter>;
}

/** Traces and metrics for a collector, which a reload switches on, off or to another place. */
export interface Otlp {
  /** Those who watch requests now: without a collector they are the others alone. */
  observer(): Observer;
  /** Exports to this collector from now on; null to none. */
  follow(endpoint: string | null): Promise<void>;
  close(): Promise<void>;
}

/** Exports nothing yet. */
export function createOtlp({ log, watching, exporters }: OtlpParts): Otlp {
  let observer = watching;
  let exporter: Exporter | undefined;
  let endpoint: string | null = null;
  let open: ((endpoint: string) => Exporter) | undefined;
  const change = async (next: string | null): Promise<void> => {
    if (next === endpoint) return;
    const last = exporter;
    if (next !== null) open ??= await exporters();
    exporter = next === null ? undefined : open?.(next);
    endpoint = next;
    observer = exporter ? both(watching, exporter) : watching;
    await last?.close();
  };
  let turn = Promise.resolve();
  const follow = (next: string | null): Promise<void> => {
    turn = turn
      .then(() => change(next))
      .catch((thrown) => log.error({ problem: String(thrown) }, "telemetry.otlp_endpoint: no export"));
    return turn;
  };
  return { observer: () => observer, follow, close: () => follow(null) };
}

const both = (first: Observer, second: Exporter): Observer => ({
  began: first.began,
  ended(work, ending) {
    first.ended(work, ending);
    second.ended(work, ending);
  },
});
