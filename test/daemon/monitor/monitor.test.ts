import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHealthBook, type HealthChange } from "../../../src/daemon/monitor/health-book.ts";
import { createHealthWatch } from "../../../src/daemon/monitor/health-watch.ts";
import type { HealthRules } from "../../../src/health/state.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";
import { controlStage, yaml } from "../control/control-stage.ts";

const rules: HealthRules = { fall: 3, rise: 2, sliceMs: 1_000 };
const row = (status: "pass" | "fail", atMs: number, code: string | null = null) => ({
  ...({ provider: "a", endpoint: "e", level: "auth", status, latencyMs: 1, code, atMs } as const),
});

describe("what a daemon knows of its providers' health", () => {
  it("follows probes by HM-4 and tells each change once", () => {
    const told: HealthChange[] = [];
    const book = createHealthBook((change) => told.push(change));
    expect(book.stateOf("a", rules, 0)).toBe("unknown");
    const script = ["pass", "fail", "fail", "fail", "pass", "pass"] as const;
    const states = script.map((status, index) => {
      book.probed("a", row(status, index, status === "fail" ? "connect_failed" : null), rules);
      return book.stateOf("a", rules, index);
    });
    expect(states.slice(0, 4)).toEqual(["healthy", "degraded", "degraded", "down"]);
    expect(told.map(({ from, to }) => `${from} ${to}`)).toEqual([
      "unknown healthy",
      "healthy degraded",
      "degraded down",
      "down degraded",
      "degraded healthy",
    ]);
    book.forget("a");
    expect(book.stateOf("a", rules, 9)).toBe("unknown");
  });

  it("probes each provider within a second of its start, and keeps it in the ledger (HM-1)", async () => {
    const { control, get } = await controlStage(
      yaml().replace("models:", "  third: { type: openai, api_key: { env: NOT_SET_KEY } }\nmodels:"),
    );
    expect((await get("/riptide/v1/health")).json.summary).toMatchObject({ unknown: 2, misconfigured: 1 });
    await control.health.follow();
    await expect
      .poll(async () => (await get("/riptide/v1/health")).json.summary, { timeout: 3_000 })
      .toMatchObject({
        ...{ total: 3, healthy: 2, misconfigured: 1 },
      });
    const { json } = await get("/riptide/v1/health");
    expect(json).toMatchObject({ schema: "riptide.health/1", via: "daemon", policy: { mode: "all" } });
    expect(json.providers[0]).toMatchObject({
      name: "first",
      status: "healthy",
      level: "reach",
      circuit: "closed",
    });
    await expect
      .poll(() =>
        control.ledger.read((database) => database?.prepare("SELECT provider FROM probes").all().length),
      )
      .toBe(2);
    expect((await get("/riptide/v1/status")).json.providers).toMatchObject({ healthy: 2, misconfigured: 1 });
  });

  it("does not probe again at a reload whoever stayed as it was", async () => {
    const { daemon, path, post, watching } = await controlStage();
    const probes: Record<string, number> = { first: 0, second: 0 };
    const clock = virtualClock();
    const watch = createHealthWatch({
      // Nobody is put off by chance, so that the first is probed before the second.
      daemon: { ...daemon, clock, random: () => 0 },
      book: watching.book,
      isOff: () => false,
      record: async () => {},
      onProbe(provider) {
        probes[provider] = (probes[provider] ?? 0) + 1;
      },
    });
    await watch.follow();
    await clock.advance(1_000);
    await expect.poll(() => probes).toEqual({ first: 1, second: 1 });
    writeFileSync(path, yaml().replace('reply: "two"', 'reply: "other"'));
    expect((await post("/riptide/v1/reload")).json.result).toBe("reloaded");
    await Promise.all([watch.follow(), watch.follow()]);
    await clock.advance(1_000);
    await expect.poll(() => probes.second).toBe(2);
    expect(probes.first).toBe(1);
    await watch.stop();
  });

  it("leaves a provider alone at once when a probe is told to (HM-3, HO-4)", async () => {
    const limited = createServer((_request, response) => {
      response.writeHead(429, { "retry-after": "60", "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((done) => limited.listen(0, "127.0.0.1", done));
    onTestFinished(() => void limited.close());
    // A server that was told to listen on a port has one.
    const { port } = limited.address() as AddressInfo;
    const entry = `third: { type: openai-compatible, base_url: "http://127.0.0.1:${port}/v1", api_key: k }`;
    const { control, complete, daemon } = await controlStage(
      yaml().replace("models:", `  ${entry}\nmodels:`).replace("second/m]", "second/m, third/m]"),
    );
    // What the ledger knows of all three has been read, and is not read again.
    await complete();
    const loaded = await daemon.generations.current().generation.provider("third");
    const third = { provider: "third", model: "m", loaded };
    expect(daemon.guard.refusal(third, "completion")).toBeNull();
    await control.health.follow();
    await expect
      .poll(() => daemon.guard.refusal(third, "completion"), { timeout: 3_000 })
      .toMatchObject({ reason: "held", error: { code: "rate_limited" } });
  });

  it("sees real requests fail before the next probe does", async () => {
    const { complete, get } = await controlStage(yaml("", "[{ status: 503 }]"));
    for (let n = 0; n < 3; n += 1) await complete();
    expect((await get("/riptide/v1/health")).json.providers).toMatchObject([
      { name: "first", status: "down" },
      { name: "second", status: "healthy" },
    ]);
  });
});
