import { expect, it } from "vitest";
import { createRegistry } from "../../../src/daemon/metrics/registry.ts";
import { metricsOf } from "../../../src/daemon/otlp/samples.ts";

const PERIOD = { startedMs: 1_795_000_000_000, nowMs: 1_795_000_000_000.25 };
const AT = { startTimeUnixNano: "1795000000000000000", timeUnixNano: "1795000000000250000" };
const label = (key: string, stringValue: string) => ({ key, value: { stringValue } });

it("counters, gauges and histograms keep their values, labels and help", () => {
  const registry = createRegistry();
  const counter = registry.counter("riptide_requests_total", "Requests that have ended.", [
    "tenant",
    "error_type",
  ]);
  counter.of('a "quoted"\\,\n# HELP x', "").add(3);
  counter.of("b", "policy").add();
  registry.gauge("process_resident_memory_bytes", "Resident memory.").of().set(1.5);
  const seconds = registry.histogram("riptide_request_duration_seconds", "Time.", ["operation"], [1, 2]);
  for (const value of [0.5, 1.5, 1.75, 9]) seconds.of("completion").observe(value);
  seconds.of("embedding").observe(2);
  expect(metricsOf(registry.text(), PERIOD)).toEqual([
    {
      ...{ name: "riptide_requests_total", unit: "", description: "Requests that have ended." },
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          { attributes: [label("tenant", 'a "quoted"\\,\n# HELP x')], asDouble: 3, ...AT },
          { attributes: [label("tenant", "b"), label("error.type", "policy")], asDouble: 1, ...AT },
        ],
      },
    },
    {
      ...{ name: "process_resident_memory_bytes", unit: "By", description: "Resident memory." },
      gauge: { dataPoints: [{ attributes: [], asDouble: 1.5, ...AT }] },
    },
    {
      ...{ name: "riptide_request_duration_seconds", unit: "s", description: "Time." },
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            attributes: [label("operation", "completion")],
            ...{ count: "4", sum: 12.75, bucketCounts: ["1", "2", "1"], explicitBounds: [1, 2] },
            ...AT,
          },
          {
            attributes: [label("operation", "embedding")],
            ...{ count: "1", sum: 2, bucketCounts: ["0", "1", "0"], explicitBounds: [1, 2] },
            ...AT,
          },
        ],
      },
    },
  ]);
});

it("what the conventions for generative AI name gets their names", () => {
  const registry = createRegistry();
  const labels = [
    "gen_ai_operation_name",
    "gen_ai_provider_name",
    "gen_ai_request_model",
    "gen_ai_token_type",
  ];
  registry
    .histogram("gen_ai_client_token_usage", "Tokens.", labels, [4])
    .of("chat", "p", "m", "input")
    .observe(1);
  registry.histogram("gen_ai_client_operation_duration_seconds", "Time.", [], [4]).of().observe(1);
  const [tokens, duration] = metricsOf(registry.text(), PERIOD);
  expect([tokens, duration]).toMatchObject([
    { name: "gen_ai.client.token.usage", unit: "{token}" },
    { name: "gen_ai.client.operation.duration", unit: "s" },
  ]);
  expect(JSON.stringify(tokens).match(/gen_ai\.[a-z.]+/g)).toEqual([
    ...["gen_ai.client.token.usage", "gen_ai.operation.name", "gen_ai.provider.name"],
    ...["gen_ai.request.model", "gen_ai.token.type"],
  ]);
});

it("of a name that comes twice the first is taken", () => {
  const [first, second] = [createRegistry(), createRegistry()];
  first.gauge("riptide_queue_waiting", "Now.").of().set(7);
  second.gauge("riptide_queue_waiting", "Before.").of().set(0);
  expect(metricsOf(first.text() + second.text(), PERIOD)).toMatchObject([
    { description: "Now.", gauge: { dataPoints: [{ asDouble: 7 }] } },
  ]);
});
