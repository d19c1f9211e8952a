import { formatDuration } from "../core/duration.ts";
import { detailOf, type HealthReport, type ProviderHealth } from "../health/report.ts";
import { oneLine, type SafeText, sanitise } from "./sanitise.ts";
import type { Paint } from "./style.ts";
import type { Column } from "./table.ts";

export const HEALTH_COLUMNS: readonly Column[] = [
  { head: "provider" },
  { head: "status", paint: (cell) => PAINTS[cell] },
  { head: "level" },
  { head: "latency" },
  { head: "circuit", paint: (cell) => (cell === "closed" ? undefined : PAINTS[cell]) },
  { head: "detail" },
];

const PAINTS: Readonly<Record<string, Paint>> = {
  healthy: "green",
  degraded: "yellow",
  unknown: "yellow",
  half_open: "yellow",
  open: "red",
  down: "red",
  misconfigured: "red",
  disabled: "dim",
};

/** One line for each provider, in the order of the configuration. */
export const healthRows = ({ providers }: HealthReport): readonly (readonly SafeText[])[] =>
  providers.map((provider) => healthCells(provider).map(sanitise));

/** The cells of a provider's line; what a provider said is cut to a line. */
export const healthCells = (provider: ProviderHealth): readonly string[] => [
  provider.name,
  provider.status,
  provider.level,
  provider.latencyMs === null ? "-" : formatDuration(provider.latencyMs),
  provider.circuit ?? "-",
  oneLine(detailOf(provider)),
];
