import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { VENDORS, type Vendor } from "../e2e/vendors.ts";
import { ask } from "../helpers/ask.ts";
import { faultTable } from "../helpers/fault-table.ts";
import { type Peer, type RawServer, startRawServer } from "../helpers/raw-server.ts";
import { SLOW_SERVERS } from "../helpers/slow-servers.ts";
import { ENGINES, exchange, get, text } from "../helpers/transports.ts";
import { vendorEngine } from "../helpers/vendor-engine.ts";

const [openai] = VENDORS as readonly [Vendor];
const servers: RawServer[] = [];
faultTable();

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(script: (peer: Peer) => unknown): Promise<RawServer> {
  const server = await startRawServer(script);
  servers.push(server);
  return server;
}

describe.each(Object.entries(SLOW_SERVERS))("a server that is %s (rows 4, 8, 13)", (_name, script) => {
  it.each([true, false])(
    "is left at the deadline, its connection closed (DL-1, DL-5), streamed: %s",
    async (stream) => {
      const server = await serve(script(20));
      const asked = ask(await vendorEngine([[openai, server.url]]), { stream, timeoutMs: 300 });
      await asked.done;
      expect(asked.failure?.error).toMatchObject({ code: "deadline_exceeded", exit: 6 });
      expect(asked.failure?.attempts).toMatchObject([{ code: "deadline_exceeded", ambiguous: true }]);
      await server.peers[0]?.closed;
    },
  );

  it("is left at its share, and the next one answers within the deadline (DL-3)", async () => {
    const [slow, second] = [await serve(script(20)), await serve(answer)];
    const engine = await vendorEngine(
      [
        [openai, slow.url, "slow"],
        [openai, second.url, "second"],
      ],
      "timeouts: { completion: 1200ms }",
    );
    const asked = ask(engine);
    await asked.done;
    expect([asked.text, asked.tried]).toEqual(["here", ["slow attempt_timeout", "second ok"]]);
    await slow.peers[0]?.closed;
  });
});

async function answer(peer: Peer): Promise<void> {
  await peer.request();
  const body = '{"choices":[{"index":0,"message":{"content":"here"},"finish_reason":"stop"}]}';
  peer.send(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

describe("facts of the runtime behind the rules (reliability, section 0)", () => {
  it("a signal of AbortSignal.any that nobody listens to is forgotten by the garbage collector", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const composed = Array.from({ length: 100 }, () => AbortSignal.any([AbortSignal.timeout(100)]));
    const plain = Array.from({ length: 100 }, () => AbortSignal.timeout(100));
    for (let turn = 0; turn < 15; turn += 1) {
      collectGarbage();
      await wait(10);
    }
    const abortedOf = (signals: readonly AbortSignal[]) => signals.filter(({ aborted }) => aborted).length;
    expect([abortedOf(composed), abortedOf(plain)]).toEqual([0, 100]);
  });

  it.each(ENGINES)(
    "over %s 1xx answers go on for ever without an answer, until the signal ends them",
    async (_name, make) => {
      const server = await serve(SLOW_SERVERS["flooding with 1xx"]?.(5) ?? (() => {}));
      const controller = new AbortController();
      let settled = false;
      const waiting = make()(get(server.url), exchange(controller.signal)).finally(() => {
        settled = true;
      });
      waiting.catch(() => {});
      while ((server.peers[0]?.socket.bytesWritten ?? 0) < 3_000) await wait(5);
      expect(settled).toBe(false);
      controller.abort(new Error("over"));
      await expect(waiting).rejects.toThrow("over");
      await server.peers[0]?.closed;
    },
  );

  it.each(ENGINES)(
    "over %s a cut body with neither length nor chunking looks whole, by FIN (SR-1)",
    async (_name, make) => {
      const server = await serve(async (peer) => {
        await peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nhalf");
        peer.end();
      });
      const { body } = await make()(get(server.url), exchange());
      expect(await text(body)).toBe("half");
    },
  );
});
