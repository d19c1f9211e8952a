import { randomBytes } from "node:crypto";
import type { EndpointPolicy } from "../../wire/http.ts";
import { createUndiciTransport } from "../../wire/transport-undici.ts";
import type { Control } from "../control/control.ts";
import { stateNow } from "../control/metrics.ts";
import { createProcessMetrics } from "../metrics/process-metrics.ts";
import { createRegistry } from "../metrics/registry.ts";
import { createStateMetrics } from "../metrics/state-metrics.ts";
import { createExporter, type Exporter } from "./exporter.ts";

/** Makes the exporters of a daemon, one after the other: what they count goes on from one to the next. */
export function exporters(control: Control, proxy: EndpointPolicy["proxy"]): (endpoint: string) => Exporter {
  const { daemon, watching } = control;
  const { clock, log, version, place, redact, generations } = daemon;
  // A collector is often a machine nearby. It gets neither keys nor what people ask and are answered.
  const policy: EndpointPolicy = { allowPrivate: true, ...(proxy && { proxy }) };
  const dropped = watching.registry
    .counter("riptide_otlp_dropped_total", "Spans that were given up before a collector took them.")
    .of();
  // Some figures are since the last look, which each of those who look has for itself.
  const own = createRegistry();
  const setState = createStateMetrics(own, version);
  const ofProcess = createProcessMetrics(own, clock, place.startedMs);
  return (endpoint) => {
    const { transport, close } = createUndiciTransport(policy, clock);
    const exporter = createExporter(endpoint, {
      ...{ clock, log, version, transport, dropped, redact },
      ...{ pid: place.pid, startedMs: place.startedMs },
      hex: (bytes) => randomBytes(bytes).toString("hex"),
      typeOf: (provider) =>
        generations.current().generation.config.providers.find(({ id }) => id === provider)?.type,
      async metrics() {
        setState(await stateNow(control));
        ofProcess.sample();
        return own.text() + watching.registry.text();
      },
    });
    return {
      ...exporter,
      async close() {
        await exporter.close();
        await close();
      },
    };
  };
}
