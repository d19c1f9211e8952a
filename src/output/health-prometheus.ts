import type { HealthState } from "../core/health.ts";
import { type HealthReport, isUsable, type ProviderHealth } from "../health/report.ts";

const STATES: readonly HealthState[] = [
  "unknown",
  "healthy",
  "degraded",
  "down",
  "misconfigured",
  "disabled",
];

/** The report in the text format of Prometheus 0.0.4, for a node exporter's textfile collector. */
export function prometheusText({ providers, status }: HealthReport): string {
  const each = (value: (provider: ProviderHealth) => number | null) =>
    providers.flatMap((provider) => sample(labelsOf(provider), value(provider)));
  return [
    ...metric("riptide_health_policy_met", "1 when the policy of the look is met.", [
      sample({}, status === "fail" ? 0 : 1),
    ]),
    ...metric("riptide_provider_usable", "1 when the provider is healthy or degraded.", [
      each((provider) => (isUsable(provider) ? 1 : 0)),
    ]),
    ...metric("riptide_provider_health", "1 for the state the provider is in, 0 for the others.", [
      providers.flatMap((provider) =>
        STATES.flatMap((state) =>
          sample({ ...labelsOf(provider), state }, provider.status === state ? 1 : 0),
        ),
      ),
    ]),
    ...metric("riptide_provider_probe_seconds", "How long the last answered probe took.", [
      each(({ latencyMs }) => (latencyMs === null ? null : latencyMs / 1_000)),
    ]),
    ...metric("riptide_provider_circuit_open", "1 when the provider's circuit is open.", [
      each(({ circuit }) => (circuit === null ? null : circuit === "open" ? 1 : 0)),
    ]),
  ].join("");
}

type Labels = Readonly<Record<string, string>>;

const labelsOf = ({ name, type }: ProviderHealth): Labels => ({ provider: name, type });

/** What follows a metric's name; nothing where there is no value. */
const sample = (labels: Labels, value: number | null): readonly string[] => {
  if (value === null) return [];
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return [`${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`];
};

const metric = (name: string, help: string, samples: readonly (readonly string[])[]): readonly string[] => [
  `# HELP ${name} ${help}\n`,
  `# TYPE ${name} gauge\n`,
  ...samples.flat().map((rest) => `${name}${rest}\n`),
];

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
