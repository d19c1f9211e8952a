import { describe, expect, it } from "vitest";
import { type Door, type Exchange, replyJson } from "../../../src/daemon/http/exchange.ts";
import { streamBody } from "../../../src/daemon/http/stream-body.ts";
import type { Generation } from "../../../src/engine/generation.ts";
import { callRaw, fakeDaemon, get, openDoor } from "../../helpers/fake-daemon.ts";
import { type VirtualClock, virtualClock } from "../../helpers/virtual-clock.ts";

const NO_GENERATION = { config: { tenants: { list: {} } } } as unknown as Generation; // No route here looks into it.
const DOORS: readonly Door[] = [{ kind: "tenant", tenant: "acme" }, { kind: "tcp" }];
const KEYS = { equals: () => true };

/** A route that waits until it is told to answer. */
async function waiting(door: Door, streamed = false) {
  const clock = virtualClock();
  const arrived = Promise.withResolvers<Exchange>();
  const go = Promise.withResolvers<void>();
  const route = async (each: Exchange) => {
    const body = streamed ? streamBody(each) : undefined;
    body?.open({ "content-type": "text/event-stream" });
    void body?.write("begun");
    arrived.resolve(each);
    await go.promise;
    if (!body) return replyJson(each, { answer: 1 });
    void body.write("ended");
    body.end();
  };
  // A key is wanted by TCP; any will do.
  const keys = new Map([["acme", KEYS as never]]);
  const place = await openDoor({ "GET /": route }, fakeDaemon(NO_GENERATION, { keys, clock }), door);
  const bytes = get("/").replace("riptide", "localhost").replace("\r\n\r\n", "\r\nx-api-key: k\r\n\r\n");
  return {
    caller: callRaw(place, bytes),
    arrived: arrived.promise,
    answer: go.resolve,
    clock,
  };
}

type Waiting = Awaited<ReturnType<typeof waiting>>;

/** Resolves when the daemon has seen the caller's end. */
async function ended({ arrived, caller }: Waiting) {
  const { request, signal } = await arrived;
  caller.socket.end();
  while (!request.socket.readableEnded) await new Promise(setImmediate);
  return signal;
}

/** So long passes; what happens meanwhile in the kernel is waited for. */
async function pass(clock: VirtualClock, ms: number) {
  for (let at = 0; at < ms; at += 10) {
    clock.skip(10);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  }
}

describe.runIf(process.platform === "linux")("a caller by a Unix socket", () => {
  it("who has ended its side gets its answer, and then the end", async () => {
    const place = await waiting({ kind: "main" });
    const signal = await ended(place);
    await pass(place.clock, 2_000);
    expect(signal.aborted).toBe(false);
    place.answer();
    expect(await place.caller.closed).toMatch(/^HTTP\/1.1 200 OK[\s\S]*\{"answer":1\}$/);
  });

  it("who has ended its side gets the rest of a stream", async () => {
    const place = await waiting({ kind: "main" }, true);
    await place.caller.until("begun");
    const signal = await ended(place);
    await pass(place.clock, 1_000);
    expect(signal.aborted).toBe(false);
    place.answer();
    expect(await place.caller.closed).toMatch(/ended\r\n0\r\n\r\n$/);
  });

  it("who has ended its side first and goes then is noticed within 100 ms", async () => {
    const place = await waiting({ kind: "main" });
    const signal = await ended(place);
    await pass(place.clock, 100);
    expect(signal.aborted).toBe(false);
    place.caller.socket.destroy();
    await pass(place.clock, 100);
    expect(signal.reason).toMatchObject({ code: "cancelled" });
  });
});

it.each(DOORS)("a caller by the door $kind who has gone is noticed within 100 ms", async (door) => {
  const { arrived, caller, clock } = await waiting(door);
  const { signal, request } = await arrived;
  caller.socket.destroy();
  while (!request.socket.readableEnded && !signal.aborted) await new Promise(setImmediate);
  await pass(clock, 100);
  expect(signal.reason).toMatchObject({ code: "cancelled" });
});

it("a caller by TCP who has ended its side is taken for gone", async () => {
  const { arrived, caller } = await waiting({ kind: "tcp" });
  const { signal } = await arrived;
  caller.socket.end();
  await caller.closed;
  expect(signal.reason).toMatchObject({ code: "cancelled" });
});
