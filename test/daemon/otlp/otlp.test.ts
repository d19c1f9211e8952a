import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Call } from "../../../src/cli/command.ts";
import { compose } from "../../../src/cli/daemon/compose.ts";
import { daemonConfigs } from "../../../src/cli/daemon/load-generation.ts";
import { parseFlags } from "../../../src/cli/flags.ts";
import { readEnvironment } from "../../../src/config/environment.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { controlRoutes } from "../../../src/daemon/control/table.ts";
import { ROUTES } from "../../../src/daemon/route-table.ts";
import { createRedactor } from "../../../src/wire/redact.ts";
import { openDoor } from "../../helpers/fake-daemon.ts";
import { openCollector, type Span, valuesOf } from "./collector.ts";

const yaml = (endpoint: string | null, more = "") => `version: 1
providers:
  first: { type: mock, script: [{ status: 503, retry_after: 1ms }] }
  second: { type: mock, reply: "the words of an answer", usage: { input: 12, output: 34 }, prices: { m: { input: 1, output: 2 } } }
models: { default: { targets: [first/m, second/m] } }
telemetry: { prometheus: ${endpoint === null}, otlp_endpoint: ${endpoint} }
${more}`;

/** A composed daemon on this file, behind a socket. */
async function serving(text: string, env: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), "riptide-otlp-"));
  const path = join(folder, "providers.yaml");
  writeFileSync(path, text);
  const io = {
    environment: { ...readEnvironment({ ...env, RIPTIDE_STATE_DIR: folder }, folder), userConfig: path },
    ...{ cwd: folder, clock: systemClock, redactor: createRedactor(), version: "1.2.3" },
    signal: new AbortController().signal,
    stderr: { write: async () => {} },
  };
  // Nothing else of a call is looked at by what composes a daemon.
  const call = { io, given: parseFlags([{ name: "no-watch", text: "" }], ["--no-watch"]) } as unknown as Call;
  const configs = await daemonConfigs(call);
  const notifier = { ready: () => {}, reloading: () => {}, stopping: () => {} };
  const parts = await compose(call, {
    ...{ configs, read: await configs.read(), socket: join(folder, "s"), notifier },
    stop: () => {},
    problems: () => [],
  });
  const follow = vi.spyOn(parts.otlp, "follow");
  const door = await openDoor({ ...ROUTES, ...controlRoutes(parts.control) }, parts.daemon);
  onTestFinished(async () => {
    await parts.otlp.close();
    await parts.reloading.close();
    await parts.control.health.stop();
    parts.log.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...parts,
    async reload(next: string) {
      writeFileSync(path, next);
      const verdict = await parts.reloading.reload("signal");
      await Promise.all(follow.mock.results.map(({ value }) => value));
      return verdict;
    },
    log: () => readFileSync(join(folder, "daemon.log"), "utf8"),
    get: (url: string) => ask(door.path, "GET", url),
    complete: (more: object = {}, headers: Readonly<Record<string, string>> = {}) => {
      const messages = [{ role: "user", content: "the words of a prompt" }];
      return ask(door.path, "POST", "/v1/chat/completions", { model: "default", messages, ...more }, headers);
    },
    embed: () =>
      ask(door.path, "POST", "/v1/embeddings", { model: "second/e", input: "the words of a prompt" }),
  };
}

function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const type = body && { "content-type": "application/json" };
    const sent = request({ socketPath, path, method, headers: { ...type, ...headers } }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.once("end", () => resolve(text));
    });
    sent.once("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

const lengthMs = ({ startTimeUnixNano, endTimeUnixNano }: Span) =>
  Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6;

it("a request is a span of its caller's trace, and each call to a provider one below it", async () => {
  const collector = await openCollector();
  const { complete, otlp } = await serving(yaml(collector.url));
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  const headers = { traceparent, "x-riptide-tenant": "acme", "x-riptide-request-id": "rq_one" };
  await complete({ stream: true }, headers);
  await otlp.close();
  const [own, ...calls] = collector.spans;
  if (!own) throw new Error(`no spans came: ${collector.problems}`);
  expect(own).toMatchObject({ name: "riptide chat", kind: 2, status: {}, traceId: "a".repeat(32) });
  expect(own.parentSpanId).toBe("b".repeat(16));
  expect(valuesOf(own)).toEqual({
    "riptide.request.id": "rq_one",
    "riptide.tenant": "acme",
    "riptide.dialect": "openai",
    "riptide.stream": true,
    "riptide.generation": "1",
    "riptide.attempts": String(calls.length),
    "riptide.skips": "0",
    "riptide.first_token_ms": expect.any(Number),
  });
  expect(calls.map(({ name, kind, status }) => [name, kind, status])).toEqual([
    ["chat m", 3, { code: 2, message: "overloaded" }],
    ["chat m", 3, { code: 2, message: "overloaded" }],
    ["chat m", 3, {}],
  ]);
  expect(calls.every((call) => call.parentSpanId === own.spanId && call.traceId === own.traceId)).toBe(true);
  expect(calls.every((call) => lengthMs(call) <= lengthMs(own) + 2)).toBe(true);
  expect(calls.map(valuesOf)).toMatchObject([
    { "riptide.provider": "first", "riptide.attempt.kind": "try", "error.type": "provider" },
    {
      "riptide.attempt.kind": "repair",
      "riptide.error.code": "overloaded",
      "http.response.status_code": "503",
    },
    {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "mock",
      "gen_ai.request.model": "m",
      "gen_ai.usage.input_tokens": "12",
      "gen_ai.usage.output_tokens": "34",
      "riptide.cost_usd": 80e-6,
      "riptide.attempt": "3",
    },
  ]);
});

it("neither prompts, answers nor words of errors are exported, and all of it is OTLP", async () => {
  const collector = await openCollector();
  const limited = "tenants: { list: { acme: { limits: { requests_per_minute: 1 } } } }";
  const place = await serving(yaml(collector.url, limited));
  await place.complete({}, { "x-riptide-tenant": "acme" });
  await place.complete({ model: "first/m", stream: true });
  await place.complete({}, { "x-riptide-tenant": "acme" });
  await place.embed();
  await place.otlp.close();
  expect(collector.problems).toEqual([]);
  expect(collector.texts.join().match(/the words|the script says/g)).toBeNull();
  const names = collector.spans.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("riptide"))).toEqual([
    ...["riptide chat", "riptide chat", "riptide chat", "riptide embeddings"],
  ]);
  const refused = collector.spans.map(valuesOf).filter((values) => values["riptide.attempts"] === "0");
  expect(refused).toMatchObject([
    { "riptide.tenant": "acme", "error.type": "policy", "riptide.error.code": "tenant_rate_limited" },
  ]);
});

it("metrics are those of /metrics, whether or not that is switched on", async () => {
  const collector = await openCollector();
  const place = await serving(yaml(collector.url));
  await place.complete({}, { "x-riptide-tenant": "acme" });
  expect(await place.get("/metrics")).toContain("switched off");
  await place.otlp.close();
  await place.reload(yaml(null));
  const shown = [...(await place.get("/metrics")).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const kinds = { counter: "sum", gauge: "gauge", histogram: "histogram" } as const;
  const expected = shown.map(
    ([, name = "", kind = "gauge"]) => `${name} ${kinds[kind as keyof typeof kinds]}`,
  );
  const sent = collector.metrics().map((each) => {
    const name = each.name.replaceAll(".", "_").replace(/(operation_duration)$/, "$1_seconds");
    return `${name} ${Object.keys(each).find((key) => Object.values<string>(kinds).includes(key))}`;
  });
  // Nothing had been reloaded before.
  expect(sent.toSorted()).toEqual(expected.filter((each) => !each.includes("reloads")).toSorted());
  const requests = collector.metrics().find(({ name }) => name === "riptide_requests_total");
  expect(requests).toMatchObject({ sum: { dataPoints: [{ asDouble: 1 }] } });
  expect(collector.metrics().find(({ name }) => name === "riptide_ledger_up")).toMatchObject({
    gauge: { dataPoints: [{ asDouble: 1 }] },
  });
});

it("a reload switches it on, to another collector and off; off it costs nothing (HR-5)", async () => {
  const [one, other] = [await openCollector(), await openCollector()];
  const place = await serving(yaml(null));
  expect(place.daemon.observer).toBe(place.watching.observer);
  expect(await place.get("/metrics")).not.toContain("riptide_otlp");
  await place.complete();
  expect(await place.reload(yaml(`"\${COLLECTOR:-${one.url}}"`))).toMatchObject({ result: "reloaded" });
  await place.complete();
  await place.reload(yaml(other.url));
  await place.complete({ stream: true });
  await place.reload(yaml(null, "allow_empty: true\n"));
  expect(place.daemon.observer).toBe(place.watching.observer);
  await place.complete();
  const generations = [one, other].map(({ spans }) =>
    spans.filter(({ kind }) => kind === 2).map((span) => valuesOf(span)["riptide.generation"]),
  );
  expect(generations).toEqual([["2"], ["3"]]);
  expect(await place.get("/metrics")).toContain("riptide_otlp_dropped_total 0");
});

it("a collector that is not there changes nothing but the log", async () => {
  const place = await serving(yaml("http://127.0.0.1:9"));
  expect(await place.complete()).toContain("the words of an answer");
  await place.otlp.close();
  await place.reload(yaml(null));
  expect(await place.get("/metrics")).toMatch(/riptide_otlp_dropped_total [34]$/m);
  place.daemon.log.error({}, "now");
  expect(place.log().match(/telemetry.otlp_endpoint: the collector/g)).toHaveLength(1);
});

it.each(["collector:4318", "ftp://127.0.0.1", "http://me:pw@127.0.0.1", "http://127.0.0.1/?k=v", "nowhere"])(
  "%s is the address of no collector",
  async (endpoint) => {
    await expect(serving(yaml(JSON.stringify(endpoint)))).rejects.toMatchObject({ code: "config_invalid" });
  },
);
