import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { Secret } from "../../src/core/secret.ts";
import { createUndiciTransport } from "../../src/wire/transport-undici.ts";
import {
  answering,
  closeServersAfterEach,
  ENGINES,
  exchange,
  failure,
  fetchText,
  get,
  OK,
  serve,
  text,
} from "../helpers/transports.ts";

closeServersAfterEach();

describe("the undici transport alone", () => {
  it("closes idle connections when it is closed, and one in use at the end of its answer", async () => {
    const { promise: later, resolve: finish } = Promise.withResolvers<void>();
    const server = await serve(async (peer, index) => {
      await peer.request();
      if (index > 0) await later;
      peer.send(OK);
    });
    const { transport, close } = createUndiciTransport({ allowPrivate: false }, systemClock);
    const first = fetchText(transport, server.url);
    const second = fetchText(transport, server.url);
    await first;
    await settle();
    await close();
    await server.peers[0]?.closed;
    finish();
    expect(await second).toBe("ok");
    await server.peers[1]?.closed;
  });
});

describe.each(ENGINES)("the %s transport", (_name, make) => {
  describe("an exchange", () => {
    it("sends method, path, headers with their secrets, and body, and hands back the head", async () => {
      let seen = "";
      const server = await serve(async (peer) => {
        seen = await peer.request();
        peer.send("HTTP/1.1 418 Teapot\r\nX-One: a\r\nx-one: b\r\nContent-Length: 5\r\n\r\nh\u00c3\u00a9!!"); // biome-ignore format: bytes
      });
      const response = await make()(
        {
          method: "POST",
          url: `${server.url}/v1/chat?beta=1`,
          headers: { "content-type": "application/json", authorization: new Secret("Bearer sk-1") },
          body: '{"é":1}',
        },
        exchange(),
      );
      expect(response.status).toBe(418);
      expect(response.headers["x-one"]).toBe("a, b");
      expect(seen).toMatch(/^POST \/v1\/chat\?beta=1 HTTP\/1\.1\r\n/);
      expect(seen.toLowerCase()).toContain(`host: 127.0.0.1:${server.port}\r\n`);
      expect(seen).toContain("authorization: Bearer sk-1\r\n");
      expect(seen).toContain("accept-encoding: identity\r\n");
      expect(Buffer.from(seen.split("\r\n\r\n")[1] ?? "", "latin1").toString("utf8")).toBe('{"é":1}');
      const { lookupMs, connectMs, tlsMs, firstByteMs } = response.timings;
      expect([lookupMs, tlsMs]).toEqual([undefined, undefined]);
      expect(firstByteMs).toBeGreaterThanOrEqual(connectMs ?? Number.NaN);
    });

    it("hands chunks over as they come", async () => {
      const server = await serve(async (peer) => {
        await peer.request();
        peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
      });
      const { body } = await make()(get(server.url), exchange());
      for await (const chunk of body) {
        expect(Buffer.from(chunk).toString()).toBe("one");
        break;
      }
    });

    it("returns a redirect as it is and takes the key nowhere else", async () => {
      const elsewhere = await answering(OK);
      const server = await answering(
        `HTTP/1.1 302 Found\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`,
      );
      const response = await make()(get(server.url, { "x-api-key": new Secret("k") }), exchange());
      expect(response.status).toBe(302);
      expect(await text(response.body)).toBe("");
      expect(elsewhere.peers).toHaveLength(0);
    });

    it("reads a body with neither length nor chunking up to the end of the connection", async () => {
      const server = await answering("HTTP/1.1 200 OK\r\n\r\nhalf an ans");
      expect(await fetchText(make(), server.url)).toBe("half an ans");
    });

    it.each(["a\r\nx: y", "a\nb", "a\0b", "snow\u2603"])(
      "refuses the header value %j before connecting",
      async (value) => {
        const server = await answering(OK);
        const refused = await failure(make()(get(server.url, { "x-key": new Secret(value) }), exchange()));
        expect(refused).toMatchObject({ code: "invalid_request" });
        expect(refused.message).not.toContain(value);
        expect(server.peers).toHaveLength(0);
      },
    );
  });

  describe("a connection", () => {
    it("serves the next request, too", async () => {
      const server = await serve(async (peer) => {
        for (;;) {
          await peer.request();
          peer.send(OK);
        }
      });
      const transport = make();
      for (let turn = 0; turn < 15; turn += 1) {
        const response = await transport(get(server.url), exchange());
        expect(await text(response.body)).toBe("ok");
        expect(response.timings.connectMs === undefined).toBe(turn > 0);
        await settle();
      }
      expect(server.peers).toHaveLength(1);
    });

    it("that is in use is not shared", async () => {
      const server = await serve(async (peer) => {
        const path = (await peer.request()).split(" ")[1] ?? "";
        if (server.peers.length < 3) await new Promise<void>((resolve) => peers.push(resolve));
        else for (const go of peers) go();
        peer.send(`HTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`);
      });
      const peers: (() => void)[] = [];
      const transport = make();
      const paths = ["/a", "/b", "/c"];
      expect(await Promise.all(paths.map((path) => fetchText(transport, server.url + path)))).toEqual(paths);
    });

    it("reset when it is used again is told apart from a new one", async () => {
      const server = await serve(async (peer, index) => {
        await peer.request();
        peer.send(OK);
        await peer.request();
        if (index === 0) peer.reset();
        else peer.send(OK);
      });
      const transport = make();
      await fetchText(transport, server.url);
      await settle();
      expect(await failure(transport(get(server.url), exchange()))).toMatchObject({
        code: "protocol_error",
        phase: "headers",
        action: "repair",
        reused: true,
      });
      expect(await fetchText(transport, server.url)).toBe("ok");
    });

    it.each([OK.replace("ok", "no"), "HTTP/1.1 200 O", "junk"])(
      "on which bytes came unasked for is not used again: %j",
      async (bytes) => {
        const server = await serve(async (peer, index) => {
          await peer.request();
          peer.send(OK);
          if (index > 0) return;
          await new Promise((resolve) => setTimeout(resolve, 20));
          peer.send(bytes);
          strayed();
        });
        const { promise: stray, resolve: strayed } = Promise.withResolvers<void>();
        const transport = make();
        await fetchText(transport, server.url);
        await stray;
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(await fetchText(transport, server.url)).toBe("ok");
        expect(server.peers).toHaveLength(2);
      },
    );

    it("is closed when the reader leaves early", async () => {
      const server = await serve(async (peer) => {
        await peer.request();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst");
      });
      const { body } = await make()(get(server.url), exchange());
      for await (const _ of body) break;
      await server.peers[0]?.closed;
    });
  });

  describe("an abort", () => {
    const reason = new Error("enough");

    it("before the start connects to nobody", async () => {
      const server = await answering(OK);
      await expect(make()(get(server.url), exchange(AbortSignal.abort(reason)))).rejects.toBe(reason);
      expect(server.peers).toHaveLength(0);
    });

    it("settles while a lookup hangs", async () => {
      const controller = new AbortController();
      const result = make({ allowPrivate: true }, () => controller.abort(reason))(
        get("http://api.example.com"),
        exchange(controller.signal),
      );
      await expect(result).rejects.toBe(reason);
    });

    it("settles while a TLS handshake hangs, and closes the connection", async () => {
      const controller = new AbortController();
      const server = await serve(() => controller.abort(reason));
      const url = server.url.replace("http:", "https:");
      await expect(make()(get(url), exchange(controller.signal))).rejects.toBe(reason);
      await server.peers[0]?.closed;
    });

    it("settles while the head is awaited, and closes the connection", async () => {
      const controller = new AbortController();
      const server = await serve(async (peer) => {
        await peer.request();
        controller.abort(reason);
      });
      await expect(make()(get(server.url), exchange(controller.signal))).rejects.toBe(reason);
      await server.peers[0]?.closed;
    });

    it.each([102, 103])("settles under a flood of status %i", async (status) => {
      const controller = new AbortController();
      const server = await serve(async (peer) => {
        await peer.request();
        for (let sent = 0; !peer.socket.destroyed; sent += 1) {
          peer.send(`HTTP/1.1 ${status} Wait\r\nlink: </x>\r\n\r\n`);
          if (sent === 50) controller.abort(reason);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      await expect(make()(get(server.url), exchange(controller.signal))).rejects.toBe(reason);
      await server.peers[0]?.closed;
    });

    it.each([
      ["chunked", "transfer-encoding: chunked\r\n\r\n3\r\none\r\n"],
      ["counted", "content-length: 9\r\n\r\none"],
      ["endless", "\r\none"],
      [
        "compressed",
        Buffer.concat([Buffer.from("content-encoding: gzip\r\n\r\n"), gzipSync("one").subarray(0, -4)]),
      ],
    ])("settles in the middle of a %s body, and closes the connection", async (_kind, rest) => {
      const controller = new AbortController();
      const server = await serve(async (peer) => {
        await peer.request();
        peer.send(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n"), Buffer.from(rest as string)]));
      });
      const { body } = await make()(get(server.url), exchange(controller.signal));
      const reading = (async () => {
        for await (const _ of body) setImmediate(() => controller.abort(reason));
      })();
      await expect(reading).rejects.toBe(reason);
      await server.peers[0]?.closed;
    });

    it("after the answer was read leaves the connection alone", async () => {
      const controller = new AbortController();
      const server = await serve(async (peer) => {
        for (;;) {
          await peer.request();
          peer.send(OK);
        }
      });
      const transport = make();
      await fetchText(transport, server.url, exchange(controller.signal));
      controller.abort(reason);
      await settle();
      expect(await fetchText(transport, server.url)).toBe("ok");
      expect(server.peers).toHaveLength(1);
    });
  });
});

/** Lets the engine put a connection back after an answer was read. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
