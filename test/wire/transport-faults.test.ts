import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Peer } from "../helpers/raw-server.ts";
import {
  answering,
  closeServersAfterEach,
  ENGINES,
  exchange,
  failure,
  fetchText,
  get,
  serve,
  text,
} from "../helpers/transports.ts";

closeServersAfterEach();

describe.each(ENGINES)("the %s transport", (_name, make) => {
  describe("a fault", () => {
    it.each([
      ["FIN", (peer: Peer) => peer.end()],
      ["RST", (peer: Peer) => peer.reset()],
    ])("%s before any byte on a new connection may be repaired", async (_kind, cut) => {
      const server = await serve(async (peer) => {
        await peer.request();
        cut(peer);
      });
      expect(await failure(make()(get(server.url), exchange()))).toEqual({
        code: "protocol_error",
        action: "repair",
        phase: "headers",
        reused: false,
        message: `127.0.0.1:${server.port} closed the connection without an answer`,
      });
    });

    it.each([
      ["half a status line", "HTTP/1.1 20"],
      ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
      ["half a head", "HTTP/1.1 200 OK\r\ncontent-le"],
      ["headers above 16 KiB", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(17_000)}\r\n\r\n`],
      [
        "a length beside chunking",
        `HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      [
        "another protocol than asked for",
        "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      ],
    ])("%s instead of a head goes to the next provider", async (_kind, bytes) => {
      const server = await answering(bytes);
      expect(await failure(make()(get(server.url), exchange()))).toMatchObject({
        code: "protocol_error",
        action: "next",
        phase: "headers",
      });
    });

    it("names the cap on headers", async () => {
      const server = await answering(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(17_000)}\r\n\r\n`);
      expect((await failure(make()(get(server.url), exchange()))).message).toMatch(
        /more than 16 KiB of headers/,
      );
    });

    it.each([
      ["a short body", "content-length: 9\r\n\r\nhalf"],
      ["a short body before a promised close", "connection: close\r\ncontent-length: 9\r\n\r\nhalf"],
      ["chunks without their end", "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
      [
        "half a chunk before a promised close",
        "connection: close\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf",
      ],
    ])("%s may be repaired, cut by FIN or RST", async (_kind, rest) => {
      for (const cut of [(peer: Peer) => peer.end(), (peer: Peer) => peer.reset()]) {
        const server = await serve(async (peer) => {
          await peer.request();
          peer.send(`HTTP/1.1 200 OK\r\n${rest}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          cut(peer);
        });
        const { body } = await make()(get(server.url), exchange());
        expect(await failure(text(body))).toMatchObject({
          code: "protocol_error",
          action: "repair",
          phase: "body",
          reused: false,
        });
      }
    });

    it("a bad chunk size goes to the next provider", async () => {
      const server = await answering(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\nzz\r\n",
      );
      const { body } = await make()(get(server.url), exchange());
      expect(await failure(text(body))).toMatchObject({
        code: "protocol_error",
        action: "next",
        phase: "body",
      });
    });
  });

  describe("a body", () => {
    const head = (encoding: string, bytes: Uint8Array) =>
      Buffer.concat([
        Buffer.from(
          `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n\r\n`,
        ),
        bytes,
      ]);

    it.each([
      ["gzip", gzipSync("Grüße")],
      ["br", brotliCompressSync("Grüße")],
      ["deflate", deflateSync("Grüße")],
      ["identity", Buffer.from("Grüße")],
      ["GZIP", gzipSync("Grüße")],
    ])("in %s nobody asked for is read", async (encoding, bytes) => {
      const server = await answering(head(encoding, bytes));
      expect(await fetchText(make(), server.url)).toBe("Grüße");
    });

    it("that is empty is none, whatever its encoding", async () => {
      const server = await answering(head("gzip", Buffer.alloc(0)));
      expect(await fetchText(make(), server.url)).toBe("");
    });

    it.each([
      ["zstd", Buffer.from("x"), "next"],
      ["gzip", Buffer.from("no gzip at all"), "next"],
      ["br", Buffer.from("no brotli at all"), "next"],
      ["gzip", gzipSync("Grüße").subarray(0, -6), "repair"],
    ])("in %s that cannot be read is a protocol_error", async (encoding, bytes, action) => {
      const server = await answering(head(encoding, bytes));
      expect(await failure(fetchText(make(), server.url))).toMatchObject({
        code: "protocol_error",
        phase: "body",
        action,
      });
    });

    it("that is refused unread closes the connection", async () => {
      const server = await serve(async (peer) => {
        await peer.request();
        peer.send("HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: 99\r\n\r\n");
      });
      await failure(fetchText(make(), server.url));
      await server.peers[0]?.closed;
    });

    it("above the cap is cut, whatever its length was said to be", async () => {
      const server = await answering(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(5_000)}`);
      const capped = { ...exchange(), maxBodyBytes: 4_999 };
      expect(await failure(fetchText(make(), server.url, capped))).toMatchObject({
        code: "protocol_error",
        action: "next",
        phase: "body",
        message: expect.stringContaining("larger than 4999 bytes"),
      });
      expect(await fetchText(make(), server.url, { ...capped, maxBodyBytes: 5_000 })).toHaveLength(5_000);
    });

    it.each([
      ["gzip", gzipSync(Buffer.alloc(100 * 1024 * 1024))],
      ["br", brotliCompressSync(Buffer.alloc(100 * 1024 * 1024), { params: {} })],
    ])("that is a bomb of %s is cut at 16 MiB, chunk by chunk", async (encoding, bomb) => {
      const server = await answering(head(encoding, bomb));
      const { body } = await make()(get(server.url), exchange());
      const sizes: number[] = [];
      const reading = (async () => {
        for await (const chunk of body) sizes.push(chunk.length);
      })();
      expect((await failure(reading)).message).toMatch(/larger than 16777216 bytes/);
      expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(16 * 1024 * 1024);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
      await server.peers[0]?.closed;
    });

    it("that is not read holds its sender up", async () => {
      const size = 64 * 1024 * 1024;
      const server = await serve(async (peer) => {
        await peer.request();
        peer.send(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
        peer.send(Buffer.alloc(size));
      });
      const { body } = await make()(get(server.url), { ...exchange(), maxBodyBytes: size });
      let total = 0;
      for await (const chunk of body) {
        if (total === 0) await quiet(() => server.peers[0]?.socket.writableLength);
        if (total === 0) expect(server.peers[0]?.socket.writableLength).toBeGreaterThan(0);
        total += chunk.length;
      }
      expect(total).toBe(size);
    });
  });
});

/** Waits until a number has stopped changing. */
async function quiet(read: () => number | undefined): Promise<void> {
  for (let last = read(), same = 0; same < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = read();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}
