import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { callRaw, get } from "../../helpers/fake-daemon.ts";
import { controlStage, yaml } from "../control/control-stage.ts";

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("GET /riptide/v1/events", () => {
  it("replays what is kept, chosen by type", async () => {
    const { get: ask, watching } = await controlStage();
    watching.lifecycle("ready");
    watching.ring.add("hold", { provider: "first" });
    watching.lifecycle("draining");
    const { text, headers } = await ask("/riptide/v1/events?since=0&follow=false");
    expect(headers["content-type"]).toBe("application/x-ndjson");
    expect(linesOf(text)).toMatchObject([
      { seq: 1, at: expect.stringMatching(/Z$/), type: "lifecycle", state: "ready" },
      { seq: 2, type: "hold", provider: "first" },
      { seq: 3, type: "lifecycle", state: "draining" },
    ]);
    const some = await ask("/riptide/v1/events?since=1&type=lifecycle,circuit&follow=false");
    expect(linesOf(some.text)).toMatchObject([{ seq: 3 }]);
    expect((await ask("/riptide/v1/events?follow=false")).text).toBe("");
  });

  it.each(["since=yesterday", "type=weather", "follow=perhaps"])("refuses %s", async (query) => {
    const { get: ask } = await controlStage();
    expect(await ask(`/riptide/v1/events?${query}`)).toMatchObject({ status: 400 });
  });

  it("follows, and ends when the daemon does", async () => {
    const { place, watching } = await controlStage();
    const caller = callRaw(place, get("/riptide/v1/events"));
    await caller.until("application/x-ndjson");
    watching.lifecycle("ready");
    await caller.until('"state":"ready"');
    watching.ring.close();
    expect(await caller.until("\r\n0\r\n\r\n")).toContain('"seq":1');
  });

  it("takes up server-sent events where the reader left them", async () => {
    const { ask, watching } = await controlStage();
    watching.lifecycle("ready");
    watching.lifecycle("draining");
    const { text, headers } = await ask("GET", "/riptide/v1/events?follow=false", undefined, {
      accept: "text/event-stream",
      "last-event-id": "1",
    });
    expect(headers["content-type"]).toBe("text/event-stream");
    expect(text).toMatch(/^id: 2\nevent: lifecycle\ndata: \{"seq":2,.*"state":"draining"\}\n\n$/);
  });

  it("gives nobody a secret", async () => {
    const { get: ask, watching, redactor } = await controlStage();
    redactor.add(new Secret("sk-canary-0123456789"));
    watching.ring.add("reload", { message: "refused sk-canary-0123456789" });
    expect((await ask("/riptide/v1/events?since=0&follow=false")).text).not.toContain("canary");
  });

  it("tells of failovers, holds, budgets and refused tenants", async () => {
    const more =
      "tenants: { list: { acme: { limits: { requests_per_minute: 1 }, budgets: [{ limit: 0.1, period: month, thresholds: [0.00001] }] } } }\n";
    const { complete, get: ask } = await controlStage(yaml(more, "[{ status: 429, retry_after: 60s }, ok]"));
    await complete({ tenant: "acme" });
    for (let n = 0; n < 5; n += 1) await complete({ tenant: "acme" });
    const { text } = await ask("/riptide/v1/events?since=0&follow=false&type=failover,hold,budget,tenant");
    expect(linesOf(text)).toMatchObject([
      { type: "budget", tenant: "acme", threshold: 0.00001 },
      { type: "hold", provider: "first", code: "rate_limited", until: expect.any(String) },
      { type: "failover", from: { provider: "first" }, to: { provider: "second" }, code: "rate_limited" },
      // Five refusals in a moment are one event.
      { type: "tenant", tenant: "acme", code: "tenant_rate_limited", refused: 1 },
    ]);
  });
});
