import { beforeAll, describe, expect, it } from "vitest";
import { VENDORS, type Vendor } from "../e2e/vendors.ts";
import { type AskEngine, type Asked, ask } from "../helpers/ask.ts";
import { answers, fails, fakeStage } from "../helpers/fake-provider.ts";
import { effectsOf, guarded, stepsOf } from "../helpers/fault-stage.ts";
import { faultTable } from "../helpers/fault-table.ts";
import { answerOf, type Play, type Reply, vendorStage } from "../helpers/vendor-stage.ts";
import type { VirtualClock } from "../helpers/virtual-clock.ts";

const table = faultTable();
const vendor = (name: string) => VENDORS.find((each) => each.name === name) as Vendor; // All of them are there.
const [openai, anthropic, azure, vertex] = ["openai", "anthropic", "azure", "vertex"].map(vendor) as [
  Vendor,
  Vendor,
  Vendor,
  Vendor,
];
const REFUSED = '{"error":{"message":"slow down"}}';
const RETRY_INFO = JSON.stringify({
  error: {
    ...{ code: 429, status: "RESOURCE_EXHAUSTED", message: "slow down" },
    details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" }],
  },
});
const told = (headers: Reply["headers"], status = 429, body = REFUSED): Reply => ({ status, headers, body });

const sound =
  (of: Vendor, text: string): Play =>
  (request) =>
    answerOf(of, { kind: "answer", tokens: [text] }, request);

type VirtualEngine = AskEngine & { readonly clock: VirtualClock };

/** Asks and carries the request through in virtual time. */
async function carried(engine: VirtualEngine, ms = 6_000): Promise<Asked> {
  const asked = ask(engine, { stream: false });
  await engine.clock.advance(ms);
  await asked.done;
  return asked;
}

const atOnce = (engine: VirtualEngine) => carried(engine, 0);

// What the first request of a process loads takes longer than any promise, and time is virtual afterwards.
beforeAll(async () => {
  for (const by of [openai, anthropic, azure, vertex])
    await ask(await refusing(by, told({}), 1), { stream: false }).done;
});

/** A vendor that refuses so often in this way, then answers; a sound one is behind it. */
async function refusing(by: Vendor, reply: Reply, times: number) {
  const play: Play = (request, n) => (n < times ? reply : sound(by, "from the first")(request, n));
  const stage = await vendorStage({
    first: { vendor: by, play },
    second: { vendor: openai, play: sound(openai, "from the second") },
  });
  return guarded(stage, { random: () => 0.5 });
}

const reset = (name: string, wait: string) => ({
  [`x-ratelimit-remaining-${name}`]: "0",
  [`x-ratelimit-reset-${name}`]: wait,
});
describe("a refusal that says when to come back (row 18, HO-1)", () => {
  const FORMS: readonly (readonly [string, Vendor, Reply, waitMs: number])[] = [
    ["retry-after-ms", openai, told({ "retry-after-ms": "1500" }), 1_500],
    ["x-ms-retry-after-ms", azure, told({ "x-ms-retry-after-ms": "250" }), 250],
    ["seconds", anthropic, told({ "retry-after": "1" }), 1_000],
    ["seconds with 503", openai, told({ "retry-after": "2" }, 503), 2_000],
    ["seconds with 529", anthropic, told({ "retry-after": "2" }, 529), 2_000],
    ["a date", openai, told({ "retry-after": "Sun, 22 Nov 2026 15:00:02 GMT" }), 2_000],
    [
      "a date against the server's own",
      openai,
      told({ date: "Sun, 22 Nov 2026 14:00:00 GMT", "retry-after": "Sun, 22 Nov 2026 14:00:01 GMT" }),
      1_000,
    ],
    ["OpenAI's reset", openai, told(reset("requests", "120ms")), 120],
    ["Azure's reset", azure, told(reset("tokens", "2")), 2_000],
    [
      "Anthropic's reset",
      anthropic,
      told({
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-22T15:00:02Z",
      }),
      2_000,
    ],
    ["the body", vertex, told({}, 429, RETRY_INFO), 1_500],
  ];
  it.each(FORMS)(
    "as %s is waited for exactly once: then the same one answers, or the next",
    async (_name, by, reply, waitMs) => {
      const code = reply.status === 429 ? "rate_limited" : "overloaded";
      const once = await carried(await refusing(by, reply, 1));
      expect(stepsOf(once)).toEqual([`try first ${code}`, "repair first ok"]);
      expect(once.result?.timing.totalMs).toBe(waitMs);
      const twice = await carried(await refusing(by, reply, 9));
      expect(stepsOf(twice)).toEqual([`try first ${code}`, `repair first ${code}`, "try second ok"]);
      expect(twice.result?.timing.totalMs).toBe(waitMs);
    },
  );

  it.each([
    ["2501 ms", { "retry-after-ms": "2501" }, 2_501],
    ["60 s", { "retry-after": "60" }, 60_000],
    ["ten years", { "retry-after": "Sun, 22 Nov 2036 15:00:00 GMT" }, 3_600_000],
  ])("later than half of what remains, %s, is no wait but a hold (HO-2)", async (name, headers, holdMs) => {
    const stage = await refusing(openai, told(headers), 1);
    const asked = await atOnce(stage);
    expect(stepsOf(asked)).toEqual(["try first rate_limited", "try second ok"]);
    stage.clock.skip(holdMs - 2);
    expect((await atOnce(stage)).result?.skipped).toMatchObject([{ reason: "held" }]);
    stage.clock.skip(2);
    expect((await atOnce(stage)).text).toBe("from the first");
    table.saw(18, `${name}: next at once, held for ${holdMs} ms`);
  });

  it.each(["Sun, 22 Nov 2026 14:59:00 GMT", "-5", "soon", "0", "NaN", ""])(
    "that means nothing, %j, is none: the next one at once, and a hold of about 1 s",
    async (text) => {
      const stage = await refusing(openai, told({ "retry-after": text }), 1);
      const asked = await atOnce(stage);
      expect(stepsOf(asked)).toEqual(["try first rate_limited", "try second ok"]);
      const [refused] = asked.result?.attempts ?? [];
      expect((refused?.holdUntilMs ?? 0) - (refused?.endedMs ?? 0)).toBe(1_000);
      stage.clock.skip(998);
      expect((await atOnce(stage)).text).toBe("from the second");
      stage.clock.skip(2);
      expect((await atOnce(stage)).text).toBe("from the first");
    },
  );
});

describe("429 from every provider (row 19)", () => {
  it("is told at once, with the earliest time to come back; nobody sleeps past the deadline", async () => {
    const wait = (seconds: number) => fails(429, "no", { "retry-after": String(seconds) });
    const stage = await fakeStage({ a: [wait(30)], b: [wait(20)], c: [wait(40)] }, { failover: {} });
    const engine = guarded(stage);
    const first = await atOnce(engine);
    expect(first.failure?.error).toMatchObject({ exit: 7, facts: { retryAfterMs: 20_000 } });
    expect(first.tried).toHaveLength(3);
    await stage.clock.advance(5_000);
    const second = await atOnce(engine);
    expect(second.failure?.error).toMatchObject({
      code: "rate_limited",
      exit: 7,
      facts: { retryAfterMs: 15_000 },
    });
    expect([second.tried, second.failure?.skipped.map(({ reason }) => reason)]).toEqual([
      [],
      ["held", "held", "held"],
    ]);
    await stage.clock.advance(13_000);
    const third = await carried(engine, 2_000);
    expect([third.tried, stage.clock.now()]).toEqual([["b rate_limited"], 20_000]);
    table.saw(19, "told at once: come back in 20,000 ms; later 15,000; waited once for the last 2,000");
  });
});

describe("a key that was rotated (row 24)", () => {
  it("goes on to the next provider and leaves the first alone for 60 s; no breaker counts it", async () => {
    const stage = await fakeStage({ a: [fails(401), answers("a")], b: [answers("b")] }, { failover: {} });
    const engine = guarded(stage);
    const first = await carried(engine);
    expect([stepsOf(first), effectsOf(first)]).toEqual([
      ["try a auth_failed", "try b ok"],
      ["ignored", "success"],
    ]);
    expect(first.result?.timing.totalMs).toBe(0);
    await stage.clock.advance(53_990);
    expect((await carried(engine, 1)).result?.skipped).toMatchObject([{ provider: "a", reason: "held" }]);
    await stage.clock.advance(10);
    expect((await carried(engine)).text).toBe("a");
    table.saw(24, "key: held for 60 s");
  });
});

describe("a token that is refused with 401 (row 24, HO-3)", () => {
  const USER = JSON.stringify({
    ...{ type: "authorized_user", client_id: "id", client_secret: "s", refresh_token: "r" },
  });

  /** A vendor with tokens `t0`, `t1` …, of which some are refused; a refusal takes its time. */
  async function tokenStage() {
    const refused = new Set<string>();
    const slow = { ms: 0 };
    const withTokens: Vendor = {
      ...vertex,
      entry: (url) => [
        ...["type: vertex", "project: test-project", "credentials_file: /adc.json"],
        `endpoint: ${url}`,
      ],
    };
    const stage = await vendorStage(
      {
        first: {
          vendor: withTokens,
          async play(request, n) {
            const { authorization = "" } = request.headers;
            const sent = typeof authorization === "string" ? authorization : authorization.reveal();
            if (!refused.has(sent.replace("Bearer ", ""))) return sound(vertex, "from the first")(request, n);
            const ms = slow.ms;
            slow.ms = 0;
            if (ms > 0) await stage.clock.sleep(ms);
            return { status: 401, headers: {}, body: '{"error":{"code":401,"status":"UNAUTHENTICATED"}}' };
          },
        },
        second: { vendor: openai, play: sound(openai, "from the second") },
      },
      {
        files: { "/adc.json": USER },
        tokens: (_request, n) => ({
          status: 200,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ access_token: `t${n}`, expires_in: 36_000, token_type: "Bearer" }),
        }),
      },
    );
    return { engine: guarded(stage), refused, slow, clock: stage.clock };
  }

  it("when it was cached is dropped without a hold, and the next request fetches a new one", async () => {
    const { engine, refused, clock } = await tokenStage();
    expect((await carried(engine)).text).toBe("from the first");
    await clock.advance(60_000);
    refused.add("t0");
    const asked = await carried(engine);
    expect([asked.text, stepsOf(asked)]).toEqual([
      "from the second",
      ["try first auth_failed", "try second ok"],
    ]);
    expect(asked.result?.attempts[0]).toMatchObject({ holdUntilMs: null, effect: "ignored" });
    expect(stepsOf(await carried(engine))).toEqual(["try first ok"]);
    table.saw(24, "cached token: dropped, no hold");
  });

  it("when it is fresh is a hold of 60 s", async () => {
    const { engine, refused, clock } = await tokenStage();
    await carried(engine);
    refused.add("t0");
    const [attempt] = (await carried(engine)).result?.attempts ?? [];
    expect((attempt?.holdUntilMs ?? 0) - (attempt?.endedMs ?? 0)).toBe(60_000);
    expect((await carried(engine)).result?.skipped).toMatchObject([{ reason: "held" }]);
    await clock.advance(60_000);
    // By then it is an old one.
    expect(stepsOf(await carried(engine))).toEqual(["try first auth_failed", "try second ok"]);
    expect((await carried(engine)).text).toBe("from the first");
    table.saw(24, "fresh token: held for 60 s");
  });

  it("long after another request has fetched its successor leads to no hold either", async () => {
    const { engine, refused, slow, clock } = await tokenStage();
    await carried(engine);
    await clock.advance(60_000);
    refused.add("t0");
    slow.ms = 1_000;
    const late = ask(engine, { stream: false });
    await clock.advance(100);
    expect(stepsOf(await atOnce(engine))).toEqual(["try first auth_failed", "try second ok"]);
    expect(stepsOf(await atOnce(engine))).toEqual(["try first ok"]);
    await clock.advance(900);
    await late.done;
    expect(late.result?.attempts[0]).toMatchObject({ code: "auth_failed", holdUntilMs: null });
    expect(stepsOf(await atOnce(engine))).toEqual(["try first ok"]);
  });
});
