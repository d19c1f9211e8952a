import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { controlStage, yaml } from "./control-stage.ts";

describe("control routes", () => {
  it("say how the daemon is", async () => {
    const { get } = await controlStage();
    const { status, json } = await get("/riptide/v1/status");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...{
        schema: "riptide.daemon/1",
        state: "running",
        pid: 7,
        version: "1.2.3",
        protocol: 1,
        skew: "none",
      },
      ...{ client_version: null, socket: "/run/s", in_flight: 0, env_missing: [], supervisor: "none" },
      config: { generation: 1, state: "current", last_error: null },
      revisions: [{ revision: json.config.revision }],
      providers: { healthy: 0, degraded: 0, down: 0, misconfigured: 0, unknown: 2 },
    });
    expect(json.uptime_ms).toBeGreaterThanOrEqual(5_000);
    expect(json.memory_mb).toBeGreaterThan(10);
  });

  it("are for the main socket alone", async () => {
    const { get, post } = await controlStage(yaml(), { door: { kind: "tenant", tenant: "acme" } });
    for (const url of ["/riptide/v1/status", "/riptide/v1/snapshot", "/riptide/v1/events", "/metrics"]) {
      expect(await get(url)).toMatchObject({ status: 403, json: { error: { code: "tenant_denied" } } });
    }
    expect(await post("/riptide/v1/shutdown")).toMatchObject({ status: 403 });
    expect(await get("/healthz")).toMatchObject({ status: 200, json: { ok: true } });
  });

  it("refuse what would do nothing, and list no model that only answers when it is named", async () => {
    const { get } = await controlStage();
    expect(await get("/riptide/v1/events?folow=false")).toMatchObject({ status: 400 });
    expect(await get("/riptide/v1/snapshot?view=weather")).toMatchObject({ status: 400 });
    const { json } = await get("/v1/models");
    expect(json.data.map(({ id }: { id: string }) => id)).toEqual(["default", "first/m", "second/m"]);
  });

  it("tell what was spent, and of one request what happened to it", async () => {
    const { get, complete } = await controlStage();
    const { json: answer } = await complete();
    expect(answer).toMatchObject({ ok: true, text: "one" });
    const { json: costs } = await get("/riptide/v1/costs?by=provider&since=today");
    expect(costs).toMatchObject({
      schema: "riptide.costs/1",
      rows: [{ key: { provider: "first" }, requests: 1 }],
    });
    expect(await get("/riptide/v1/costs?color=red")).toMatchObject({
      status: 400,
      json: { error: { code: "usage" } },
    });
    const { json: why } = await get(`/riptide/v1/requests/${answer.id}`);
    expect(why).toMatchObject({ schema: "riptide.why/1", id: answer.id, via: "daemon", outcome: "ok" });
    expect(await get("/riptide/v1/requests/nobody")).toMatchObject({ status: 404 });
  });

  it("explain where a request would go, and send nothing", async () => {
    const { post, get } = await controlStage();
    const { json } = await post("/riptide/v1/route/explain", {
      messages: [{ role: "user", content: "hi" }],
      riptide: { providers: ["second"] },
    });
    expect(json).toMatchObject({
      ...{ schema: "riptide.route/1", requested: "default", tenant: "default" },
      candidates: [{ rank: 1, provider: "second", model: "m", eligible: true }],
    });
    expect((await get("/riptide/v1/costs")).json.totals.requests).toBe(0);
  });

  it("trip and reset a circuit, at once and in events (CB-10)", async () => {
    const { post, complete, watching } = await controlStage();
    await complete();
    const { json } = await post("/riptide/v1/circuits/first", { action: "trip", for: "10m" });
    expect(json).toMatchObject({
      schema: "riptide.circuits/1",
      circuits: [
        { provider: "first", operation: "completion", state: "open" },
        { operation: "embedding", state: "open" },
      ],
    });
    expect((await complete()).json).toMatchObject({ text: "two", skipped: [{ reason: "circuit_open" }] });
    const reset = await post("/riptide/v1/circuits/first", { action: "reset" });
    expect(reset.json.circuits[0]).toMatchObject({ state: "closed" });
    expect((await complete()).json).toMatchObject({ text: "one" });
    const told = watching.ring.after(0).filter(({ type }) => type === "circuit");
    const ofCompletions = told.filter(({ facts }) => facts.operation === "completion");
    expect(ofCompletions.map(({ facts }) => [facts.provider, facts.to])).toEqual([
      ["first", "open"],
      ["first", "closed"],
    ]);
  });

  it.each([
    ["first", { action: "explode" }, 400],
    ["first", { action: "trip", for: "ten" }, 400],
    ["first", { action: "trip", when: "now" }, 400],
    ["nobody", { action: "trip" }, 404],
  ])("refuse a circuit's %s %j", async (name, body, status) => {
    const { post } = await controlStage();
    expect((await post(`/riptide/v1/circuits/${name}`, body)).status).toBe(status);
  });

  it("switch a provider off, for a while or until it is switched on", async () => {
    const { post, complete, get } = await controlStage();
    const off = await post("/riptide/v1/providers/first", { action: "disable" });
    expect(off.json.providers[0]).toMatchObject({ name: "first", enabled: false, status: "disabled" });
    expect((await complete()).json).toMatchObject({
      text: "two",
      skipped: [{ provider: "first", reason: "disabled" }],
    });
    const { json: route } = await post("/riptide/v1/route/explain", {
      messages: [{ role: "user", content: "hi" }],
    });
    expect(route.candidates).toMatchObject([
      { provider: "second", rank: 1 },
      { provider: "first", eligible: false, reason: "disabled" },
    ]);
    const { json: health } = await get("/riptide/v1/health");
    expect(health.providers[0]).toMatchObject({ name: "first", status: "disabled" });
    await post("/riptide/v1/providers/first", { action: "drain", for: "1h" });
    expect((await complete()).json.text).toBe("two");
    const on = await post("/riptide/v1/providers/first", { action: "enable" });
    expect(on.json.providers[0]).toMatchObject({ enabled: true, disabled_until: null });
    expect((await complete()).json.text).toBe("one");
  });

  it("reload, and say why not", async () => {
    const { post, path, get, watching } = await controlStage();
    expect((await post("/riptide/v1/reload")).json).toMatchObject({
      schema: "riptide.daemon/1",
      result: "unchanged",
    });
    writeFileSync(path, yaml("# more\n"));
    expect((await post("/riptide/v1/reload", { dry_run: true })).json).toMatchObject({
      result: "reloaded",
      dry_run: true,
    });
    expect((await post("/riptide/v1/reload", {})).json).toMatchObject({
      result: "reloaded",
      config: { generation: 2 },
    });
    writeFileSync(path, `${yaml()}wrong: 1\nworse: 2\n`);
    const refused = await post("/riptide/v1/reload");
    expect(refused).toMatchObject({
      status: 500,
      json: { schema: "riptide.error/1", error: { code: "config_invalid" } },
    });
    expect((await get("/riptide/v1/status")).json.config).toMatchObject({
      state: "stale",
      last_error: {
        code: "config_invalid",
        message: expect.stringContaining("providers.yaml:"),
        problems: [expect.stringContaining('"wrong"'), expect.stringContaining('"worse"')],
      },
    });
    expect(watching.ring.after(0).at(-1)).toMatchObject({
      type: "reload",
      facts: { problems: [expect.stringContaining('"wrong"'), expect.stringContaining('"worse"')] },
    });
  });

  it("drain: no more work is taken", async () => {
    const { post, complete, get, cancelled } = await controlStage();
    expect((await get("/readyz")).status).toBe(200);
    expect((await post("/riptide/v1/drain", { wait_ms: 100, cancel: true })).json).toMatchObject({
      ...{ result: "drained", state: "draining" },
    });
    expect(cancelled).toMatchObject([{ code: "shutting_down" }]);
    expect(await complete()).toMatchObject({ status: 503 });
    expect(await get("/readyz")).toMatchObject({
      status: 503,
      json: { ok: false, checks: { accepting: false } },
    });
  });

  it("answer a shutdown before it begins", async () => {
    const { post, stopped } = await controlStage();
    const { json } = await post("/riptide/v1/shutdown", { grace_ms: 250, force: true });
    expect(json).toMatchObject({ schema: "riptide.daemon/1", result: "stopping" });
    expect(stopped).toEqual([{ graceMs: 250, force: true }]);
  });

  it("show everything at one moment", async () => {
    const { get, complete } = await controlStage(
      yaml(
        "budgets: [{ limit: 10, period: day }]\ntenants: { list: { acme: { budgets: [{ limit: 5, period: month }] } } }\n",
      ),
    );
    await complete({ tenant: "acme" });
    const { json } = await get("/riptide/v1/snapshot");
    expect(json).toMatchObject({
      schema: "riptide.snapshot/1",
      status: { schema: "riptide.daemon/1" },
      health: { schema: "riptide.health/1" },
      circuits: [
        { provider: "first", operation: "completion" },
        { provider: "first", operation: "embedding" },
        { provider: "second" },
        { provider: "second" },
      ],
      providers: [{ name: "first", in_flight: 0, disabled: false }, { name: "second" }],
      queue: { waiting: 0 },
      tenants: [{ name: "default" }, { name: "acme" }],
      budgets: [{ scope: "global" }, { scope: "tenant", tenant: "acme" }],
      requests: [{ tenant: "acme", outcome: "ok", provider: "first" }],
      costs: { schema: "riptide.costs/1" },
    });
  });

  it("name the variables that only the daemon lacks (21)", async () => {
    const keyed = yaml().replace(
      "models:",
      "  third: { type: openai, api_key: { env: NOT_SET_KEY } }\nmodels:",
    );
    const { get } = await controlStage(keyed);
    const { json } = await get("/riptide/v1/status");
    expect(json).toMatchObject({ env_missing: ["NOT_SET_KEY"] });
  });

  it("give no secret away", async () => {
    const { get, path, redactor } = await controlStage();
    expect((await get("/riptide/v1/status")).text).toContain(path);
    redactor.add(new Secret(path));
    expect((await get("/riptide/v1/status")).text).not.toContain(path);
  });
});
