import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createFramer } from "../../src/wire/framer.ts";
import { VENDORS, type Vendor } from "../e2e/vendors.ts";
import { ask } from "../helpers/ask.ts";
import { HEAD, startServer } from "../helpers/fault-stage.ts";
import { faultTable } from "../helpers/fault-table.ts";
import type { Peer, RawServer } from "../helpers/raw-server.ts";
import { vendorEngine } from "../helpers/vendor-engine.ts";

const [openai, , , bedrock] = VENDORS as unknown as readonly [Vendor, Vendor, Vendor, Vendor];
const MIB = 1024 * 1024;
const servers: RawServer[] = [];
faultTable();

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(script: (peer: Peer) => unknown): Promise<RawServer> {
  const server = await startServer(script);
  servers.push(server);
  return server;
}

const SSE = "text/event-stream";
const FOUND = '{"choices":[{"index":0,"message":{"content":"from the second"},"finish_reason":"stop"}]}';

/** A provider that answers a buffered or streamed request of the OpenAI dialect with one document. */
const sound = () =>
  serve((peer) => {
    peer.send(`${HEAD("application/json", `content-length: ${FOUND.length}\r\n`)}${FOUND}`);
  });

/** One completion at a server, with a sound provider behind it. */
async function askFirst(vendor: Vendor, server: RawServer, stream = true) {
  const second = await sound();
  const engine = await vendorEngine([
    [vendor, server.url, "first"],
    [openai, second.url, "second"],
  ]);
  const asked = ask(engine, { stream });
  await asked.done;
  return asked;
}

describe("a frame of Bedrock's event stream that is none (row 12)", () => {
  const broken: readonly (readonly [string, (frame: Buffer) => Buffer])[] = [
    ["a bad checksum of its head", (frame) => flipped(frame, 8)],
    ["a bad checksum of its body", (frame) => flipped(frame, frame.length - 1)],
    ["a wrong length", (frame) => withLength(frame, frame.length - 4)],
    ["a giant length, of which nothing follows", (frame) => withLength(frame, 0x7fff_ffff)],
    ["a length of nothing", (frame) => withLength(frame, 0)],
    ["text", () => Buffer.from("upstream connect error or disconnect/reset before headers")],
  ];
  it.each(broken)("%s is a protocol_error at once, and the next one answers", async (_name, breakIt) => {
    const bytes = breakIt(await soundFrame());
    // The connection stays open: the lengths alone have to tell.
    const server = await serve((peer) => {
      peer.send(HEAD("application/vnd.amazon.eventstream"));
      peer.send(bytes);
    });
    const before = process.memoryUsage().arrayBuffers;
    const asked = await askFirst(bedrock, server);
    expect([asked.text, asked.tried]).toEqual(["from the second", ["first protocol_error", "second ok"]]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * MIB);
    await server.peers[0]?.closed;
  });

  const flipped = (frame: Buffer, at: number) =>
    Buffer.from(frame.map((byte, index) => (index === at ? byte ^ 1 : byte)));

  function withLength(frame: Buffer, length: number): Buffer {
    const changed = Buffer.from(frame);
    changed.writeUInt32BE(length, 0);
    return changed;
  }

  async function soundFrame(): Promise<Buffer> {
    const answer = { kind: "answer", tokens: ["x"] } as const;
    const received = { method: "POST", path: `/model/${bedrock.model}/converse-stream`, headers: {} };
    const rendered = bedrock.dialect.render(answer, { ...received, body: Buffer.alloc(0), json: {} });
    const [first = ""] = rendered.events;
    const frame = Buffer.from(first as Uint8Array);
    expect((await createFramer("aws-event-stream")).push(frame)).toHaveLength(1);
    return frame;
  }
});

describe("an answer that never ends (row 16)", () => {
  /** Sends pieces until the connection is closed from the other side. */
  async function flood(peer: Peer, piece: Buffer): Promise<void> {
    while (!peer.socket.destroyed) {
      if (peer.socket.write(piece)) await new Promise((resolve) => setImmediate(resolve));
      else await Promise.race([new Promise((resolve) => peer.socket.once("drain", resolve)), peer.closed]);
    }
  }

  it.each([
    ["a line of an event stream", SSE, "data: ", true, 1],
    ["an event of many lines", SSE, "", true, 1],
    ["a buffered body", "application/json", '{"choices":"', false, 16],
  ] as const)(
    "%s is cut at its cap and goes on to the next one",
    async (name, type, start, stream, capMib) => {
      const line = name.includes("many") ? `data: ${"x".repeat(1_000)}\n` : "x".repeat(1_000);
      const server = await serve(async (peer) => {
        peer.send(`${HEAD(type)}${start}`);
        await flood(peer, Buffer.from(line.repeat(64)));
      });
      const asked = await askFirst(openai, server, stream);
      expect([asked.text, asked.tried]).toEqual(["from the second", ["first protocol_error", "second ok"]]);
      await server.peers[0]?.closed;
      // What was sent beyond the cap lies in the buffers of the two sockets.
      expect(server.peers[0]?.socket.bytesWritten).toBeLessThan((capMib + 8) * MIB);
    },
  );

  it("a small body that unpacks to 100 MiB is cut as well", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MIB, "x"));
    const server = await serve((peer) => {
      peer.send(HEAD("application/json", `content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n`));
      peer.send(bomb);
    });
    const before = process.memoryUsage().arrayBuffers;
    const asked = await askFirst(openai, server, false);
    expect(asked.tried).toEqual(["first protocol_error", "second ok"]);
    expect(asked.result?.attempts[0]?.message).toMatch(/larger than 16777216 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * MIB);
  });
});

describe.each(VENDORS)("$name", (vendor) => {
  it.each([301, 302, 303, 307, 308])(
    "is not followed by a %i, and no key goes with it (row 27)",
    async (status) => {
      const thief = await serve(() => {});
      for (const location of [
        `${thief.url}/v1/chat/completions`,
        "http://169.254.169.254/latest/meta-data/",
      ]) {
        const server = await serve((peer) => {
          peer.send(`HTTP/1.1 ${status} Moved\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`);
        });
        const asked = await askFirst(vendor, server);
        expect(asked.tried).toEqual(["first protocol_error", "second ok"]);
      }
      expect(thief.peers).toHaveLength(0);
    },
  );

  it.each([
    ["an HTML page", "text/html", "<html>sign in</html>"],
    ["half a JSON document", "application/json", '{"id":"x","choices":[{'],
    ["nothing", "application/json", ""],
    ["JSON of another shape", "application/json", '{"hello":[1,null]}'],
  ])(
    "that answers %s with 200 gives way to the next one, streamed and buffered (row 25)",
    async (_name, type, body) => {
      const server = await serve((peer) => {
        peer.send(`${HEAD(type, `content-length: ${body.length}\r\n`)}${body}`);
      });
      for (const stream of [true, false]) {
        const asked = await askFirst(vendor, server, stream);
        // Where a stream has no marker of its own kind it is one that was cut, which is repaired first.
        const tried = [...new Set(asked.tried)];
        expect([asked.text, tried]).toEqual(["from the second", ["first protocol_error", "second ok"]]);
      }
    },
  );
});

describe("200 with an error object in place of an answer (row 17)", () => {
  it.each([
    [
      "openai",
      '{"error":{"message":"slow","type":"rate_limit_error","code":"rate_limit_exceeded"}}',
      "rate_limited",
    ],
    ["azure", '{"error":{"message":"broke","code":"insufficient_quota"}}', "quota_exhausted"],
    ["anthropic", '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', "overloaded"],
    ["vertex", '{"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED"}}', "rate_limited"],
    ["ollama", '{"error":"model runner has unexpectedly stopped"}', "provider_error"],
  ])("of %s has its own code, streamed and buffered", async (name, body, code) => {
    const vendor = VENDORS.find((candidate) => candidate.name === name) ?? openai;
    const server = await serve((peer) => {
      peer.send(`${HEAD("application/json", `content-length: ${body.length}\r\n`)}${body}`);
    });
    for (const stream of [true, false]) {
      const asked = await askFirst(vendor, server, stream);
      expect(asked.tried).toEqual([`first ${code}`, "second ok"]);
    }
  });
});
