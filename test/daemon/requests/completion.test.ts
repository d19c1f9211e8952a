import { describe, expect, it } from "vitest";
import { RiptideError } from "../../../src/core/errors.ts";
import type { CompletionDialect } from "../../../src/daemon/dialects/dialect.ts";
import { completionRoute } from "../../../src/daemon/requests/completion.ts";
import { decideUntouched, openStages, type Stages } from "../../../src/engine/stages.ts";
import { callRaw, fakeDaemon, openDoor, post } from "../../helpers/fake-daemon.ts";
import {
  answers,
  DONE,
  delta,
  fails,
  fakeStage,
  paced,
  type Step,
  streams,
} from "../../helpers/fake-provider.ts";

/** The fewest words in which one can ask: `{say, stream, cannot}`. */
const terse: CompletionDialect = {
  name: "native",
  streamType: "application/x-ndjson",
  ask: ({ say, stream, tenant }) => ({
    request: { messages: [{ role: "user", content: String(say) }] },
    wishes: { route: {}, tags: {}, tenant: tenant === undefined ? undefined : String(tenant) },
    stream: stream === true,
    showReasoning: false,
    strictParams: false,
    warnings: ["that is terse"],
  }),
  answer: ({ text, timing }, _ask, { tenant }) => ({ text, tenant, queueMs: timing.queueMs }),
  stream: () => (event) => {
    if (event.type === "delta") return `${event.text}\n`;
    return event.type === "error" ? `${event.error.code}\n` : "";
  },
  errorBody: ({ code }, id) => ({ code, id: id ?? null }),
};

async function setUp(steps: readonly Step[], { tree = {}, stages = openStages as Stages } = {}) {
  const { generation, provider, clock } = await fakeStage({ one: steps }, tree);
  const daemon = fakeDaemon(generation, { clock, stages });
  const place = await openDoor({ "POST /ask": completionRoute(terse) }, daemon);
  const call = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    callRaw(place, post("/ask", body, headers));
  return { daemon, place, call, clock, provider };
}

const said = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);

/** Lets virtual time pass until something of the real world has happened. */
async function passUntil(clock: { advance(ms: number): Promise<void> }, isSo: () => boolean) {
  for (let steps = 0; steps < 5_000 && !isSo(); steps += 1) await clock.advance(1);
  expect(isSo()).toBe(true);
}

describe("a route that completes", () => {
  it("refuses before it reads a body where nobody is let in, and counts that", async () => {
    const { daemon, place } = await setUp([answers("hello")]);
    await daemon.gate.drain();
    const head =
      "POST /ask HTTP/1.1\r\nhost: riptide\r\ncontent-type: application/json\r\nx-riptide-tenant: nobody\r\ncontent-length: 9000000\r\n\r\n";
    const text = await callRaw(place, `${head}{`).until("shutting_down");
    expect(text).toMatch(/^HTTP\/1\.1 503/);
    // Of a tenant that is not configured no count of its own is kept.
    expect(daemon.told.map(([work, { error }]) => [work.tenant, error?.code])).toEqual([
      ["default", "shutting_down"],
    ]);
  });

  it("answers with what answered, in headers of its own", async () => {
    const { call, daemon } = await setUp([answers("hello")]);
    const text = await call({ say: "hi" }, { "x-riptide-request-id": "mine-1" }).until("}");
    expect(JSON.parse(said(text))).toEqual({ text: "hello", tenant: "default", queueMs: 0 });
    for (const line of [
      "HTTP/1.1 200",
      "x-riptide-request-id: mine-1",
      "x-riptide-provider: one",
      "x-riptide-model: m",
      "x-riptide-attempts: 1",
      "x-riptide-generation: 1",
      "x-riptide-warnings: that is terse",
    ]) {
      expect(text).toContain(line);
    }
    expect(daemon.told).toMatchObject([[{ id: "mine-1", stream: false }, { error: undefined }]]);
    expect(daemon.gate.inFlight()).toBe(0);
  });

  it.each([
    ["a body that is none", "{", {}, 400, 0],
    ["a header that is wrong", { say: "hi" }, { "x-riptide-strategy": "luck" }, 400, 0],
    ["a provider that failed", { say: "hi" }, {}, 502, 1],
    ["a stream that never began", { say: "hi", stream: true }, {}, 502, 1],
  ])("tells of %s in its dialect, with the same headers", async (_name, body, headers, status, attempts) => {
    const { call } = await setUp([fails(500)]);
    const text = await call(body, headers).until("}");
    expect(text).toContain(`HTTP/1.1 ${status}`);
    expect(JSON.parse(said(text))).toEqual({ code: expect.any(String), id: "req_1" });
    expect(text).toContain(`x-riptide-attempts: ${attempts}`);
    expect(text).toContain("x-riptide-request-id: req_1");
    expect(text).toContain("x-riptide-generation: 1");
    expect(text).toMatch(/x-riptide-error: (invalid_request|all_providers_failed|provider_error)/);
  });

  it("streams, and ends a whole answer properly", async () => {
    const { call } = await setUp([streams([delta("a"), delta("b"), ...DONE])]);
    const text = await call({ say: "hi", stream: true }).until("0\r\n\r\n");
    expect(text).toContain("content-type: application/x-ndjson");
    expect(text).toContain("x-riptide-provider: one");
    expect(said(text)).toBe("4\r\na\nb\n\r\n0\r\n\r\n");
  });

  it("ends a stream that breaks off after its error event, abnormally", async () => {
    const { call } = await setUp([streams([delta("a"), { error: "provider_error" }])], {
      tree: { failover: { repair: "never" } },
    });
    const text = await call({ say: "hi", stream: true }).closed;
    expect(said(text)).toMatch(/a\n.*stream_interrupted\n\r\n$/s);
  });

  it("cancels upstream when its caller goes away", async () => {
    const { call, clock, provider, daemon } = await setUp([paced(delta("a"), 60_000, ...DONE)]);
    const caller = call({ say: "hi", stream: true });
    await caller.until("a\n");
    expect(provider.one?.open).toBe(1);
    caller.socket.destroy();
    await passUntil(clock, () => daemon.gate.inFlight() === 0);
    expect(provider.one?.open).toBe(0);
    expect(daemon.told).toMatchObject([[{}, { error: { code: "cancelled" } }]]);
  });

  it("has a tenant wait for a place of its own, and says how long", async () => {
    const tree = { tenants: { list: { acme: { limits: { max_concurrent: 1 } } } } };
    const { call, clock, daemon } = await setUp([paced(delta("a"), 300, ...DONE), answers("b")], { tree });
    const first = call({ say: "hi", stream: true, tenant: "acme" });
    await first.until("a\n");
    const second = call({ say: "hi", tenant: "acme" });
    await passUntil(clock, () => daemon.gate.waiting() === 1);
    await passUntil(clock, () => daemon.gate.waiting() === 0);
    const { queueMs } = JSON.parse(said(await second.until("}")));
    expect(queueMs).toBeGreaterThan(200);
    expect(queueMs).toBeLessThanOrEqual(300);
  });

  it("forgets a caller who goes away while it waits, and sends nothing for it", async () => {
    const tree = { tenants: { list: { acme: { limits: { max_concurrent: 1 } } } } };
    const { call, clock, daemon, provider } = await setUp([paced(delta("a"), 300, ...DONE)], { tree });
    await call({ say: "hi", stream: true, tenant: "acme" }).until("a\n");
    const waiting = call({ say: "hi", tenant: "acme" });
    while (daemon.gate.waiting() === 0) await new Promise(setImmediate);
    waiting.socket.destroy();
    for (let turns = 0; turns < 1_000 && daemon.gate.waiting() > 0; turns += 1)
      await new Promise(setImmediate);
    expect([daemon.gate.waiting(), clock.now(), provider.one?.calls.length]).toEqual([0, 0, 1]);
  });

  it("asks again while other processes hold the tenant's places, for as long as it may wait", async () => {
    let refusals = 3;
    const busy = { ok: false as const, error: new RiptideError("tenant_busy", "no place") };
    const stages: Stages = {
      ...openStages,
      admit: async (ask) => (refusals-- > 0 ? busy : decideUntouched(ask)),
    };
    const { call, clock, daemon } = await setUp([answers("late")], { stages });
    const caller = call({ say: "hi" });
    await passUntil(clock, () => daemon.told.length === 1);
    expect(JSON.parse(said(await caller.until("}")))).toMatchObject({ text: "late", queueMs: 300 });

    refusals = 1_000;
    const refused = call({ say: "hi" });
    await passUntil(clock, () => daemon.told.length === 2);
    const text = await refused.until("}");
    expect(text).toContain("HTTP/1.1 429");
    expect(text).toContain("retry-after: 1\r\n");
    expect(text).toContain("retry-after-ms: 1000");
    expect(text).not.toContain("x-should-retry");
    expect(1_000 - refusals).toBe(11);
  });
});
