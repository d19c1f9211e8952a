import { describe, expect, it } from "vitest";
import type { Exchange } from "../../../src/daemon/http/exchange.ts";
import { type StreamBody, streamBody } from "../../../src/daemon/http/stream-body.ts";
import type { Generation } from "../../../src/engine/generation.ts";
import { callRaw, fakeDaemon, get, openDoor } from "../../helpers/fake-daemon.ts";

const NO_GENERATION = { config: { tenants: { list: {} } } } as unknown as Generation; // No route here looks into it.

/** A route that hands its stream to a test. */
async function streaming(
  tell: (body: StreamBody, exchange: Exchange) => Promise<void> | void,
  stallMs?: number,
) {
  const route = async (exchange: Exchange) => {
    const body = streamBody(exchange, stallMs);
    body.open({ "content-type": "text/event-stream" });
    await tell(body, exchange);
  };
  const place = await openDoor({ "GET /": route }, fakeDaemon(NO_GENERATION));
  return callRaw(place, get("/"));
}

const bodyOf = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);

describe("the body of a stream", () => {
  it("hands over as one chunk what comes in one turn, and keeps the order", async () => {
    const caller = await streaming(async (body) => {
      await Promise.resolve();
      for (const text of ["a", "b", "c"]) await body.write(text);
      await Promise.resolve();
      void body.write("d");
      await new Promise(setImmediate);
      void body.write("e");
      body.end();
    });
    expect(bodyOf(await caller.until("\r\n0\r\n\r\n"))).toBe("4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n");
  });

  it("breaks off after what was written, without the end of a whole body", async () => {
    const caller = await streaming((body) => {
      void body.write("begun");
      void body.write(" error");
      body.breakOff();
    });
    expect(bodyOf(await caller.closed)).toBe("b\r\nbegun error\r\n");
  });

  it("breaks off where nothing is left to write", async () => {
    const caller = await streaming(async (body) => {
      void body.write("begun");
      await new Promise(setImmediate);
      body.breakOff();
    });
    expect(bodyOf(await caller.closed)).toBe("5\r\nbegun\r\n");
  });

  it("holds up whoever writes while nobody reads, and goes on when somebody does (SD-7)", async () => {
    const piece = "x".repeat(1_000);
    let written = 0;
    let buffered = 0;
    let isHeld: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      isHeld = resolve;
    });
    const caller = await streaming(async (body, { response }) => {
      for (; written < 4_000; written += 1) {
        const reader = body.write(piece);
        buffered = Math.max(buffered, response.writableLength);
        if (reader) isHeld?.();
        if (reader) await reader;
      }
      body.end();
    });
    caller.socket.pause();
    await held;
    expect(written).toBeLessThan(2_000);
    caller.socket.resume();
    const text = await caller.until("\r\n0\r\n\r\n");
    expect(text.replaceAll(/[^x]/g, "").length).toBeGreaterThanOrEqual(4_000_000);
    expect(buffered).toBeLessThan(256 * 1_024);
  });

  it("is cut when its reader takes nothing for too long", async () => {
    let signal: AbortSignal | undefined;
    const cut = new Promise<void>((resolve) => {
      void streaming(async (body, exchange) => {
        signal = exchange.signal;
        while (!exchange.signal.aborted) await (body.write("x".repeat(10_000)) ?? new Promise(setImmediate));
        resolve();
      }, 100).then((caller) => caller.socket.pause());
    });
    await cut;
    expect(signal?.reason).toMatchObject({ code: "cancelled" });
  });

  it("gives up the request of a caller who goes away", async () => {
    let isGone: ((reason: unknown) => void) | undefined;
    const gone = new Promise((resolve) => {
      isGone = resolve;
    });
    const caller = await streaming((body, { signal }) => {
      void body.write("begun");
      signal.addEventListener("abort", () => isGone?.(signal.reason));
    });
    await caller.until("begun");
    caller.socket.destroy();
    expect(await gone).toMatchObject({ code: "cancelled" });
  });
});
