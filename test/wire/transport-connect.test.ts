import { execFile } from "node:child_process";
import type { LookupFunction } from "node:net";
import { createConnection } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import type { EndpointPolicy } from "../../src/wire/http.ts";
import { hasOpenssl, makeCertificates } from "../helpers/certificates.ts";
import { type Peer, type RawServer, startRawServer } from "../helpers/raw-server.ts";
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

const run = promisify(execFile);

/** A resolver that knows these names and no others. */
const names =
  (table: Readonly<Record<string, readonly string[]>>): LookupFunction =>
  (hostname, _options, callback) => {
    const found = table[hostname];
    if (!found) return callback(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), []);
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };

/** Time stands still; the one running timer fires when told to. */
function stoppedClock() {
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    ...systemClock,
    timer(ms, expire) {
      timers.set(expire, ms);
      return () => timers.delete(expire);
    },
  };
  return { clock, timers, expire: () => [...timers.keys()].forEach((fire) => void fire()) };
}

describe.each(ENGINES)("the %s transport", (name, make) => {
  describe("connecting", () => {
    it("to a closed port is refused and may be repaired", async () => {
      const server = await startRawServer(() => {});
      await server.close();
      expect(await failure(make()(get(server.url), exchange()))).toEqual({
        code: "connect_failed",
        phase: "connect",
        action: "repair",
        reused: undefined,
        message: `cannot connect to 127.0.0.1:${server.port}: connection refused`,
      });
    });

    it("to an unknown name may be repaired", async () => {
      const transport = make({}, names({}));
      expect(await failure(transport(get("https://api.example.com/"), exchange()))).toEqual({
        code: "connect_failed",
        phase: "lookup",
        action: "repair",
        reused: undefined,
        message: "cannot connect to api.example.com: the name is unknown",
      });
    });

    it("ends with its own timer while a lookup hangs", async () => {
      const { clock, timers, expire } = stoppedClock();
      const transport = make({}, () => expire(), clock);
      const how = { ...exchange(), connectTimeoutMs: 1_000 };
      expect(await failure(transport(get("https://api.example.com/"), how))).toEqual({
        code: "connect_failed",
        phase: "timeout",
        action: "next",
        reused: undefined,
        message: "no connection to api.example.com within 1 s",
      });
      expect(timers.size).toBe(0);
    });

    it("ends with its own timer while a TLS handshake hangs, and closes the connection", async () => {
      const { clock, expire } = stoppedClock();
      const server = await serve(() => expire());
      const result = make({}, undefined, clock)(get(server.url.replace("http:", "https:")), exchange());
      expect(await failure(result)).toMatchObject({ phase: "timeout", action: "next" });
      await server.peers[0]?.closed;
    });

    it("is over for the timer once the connection is there", async () => {
      const { clock, timers } = stoppedClock();
      const server = await answering(OK);
      const response = await make({}, undefined, clock)(get(server.url), exchange());
      expect(timers.size).toBe(0);
      expect(await text(response.body)).toBe("ok");
    });

    it("sees an abort that falls between the connection and the request", async () => {
      const server = await serve(() => {});
      const controller = new AbortController();
      const reason = new Error("enough");
      // The connect timer is taken back at the moment the connection is there.
      const clock: Clock = {
        ...systemClock,
        timer: () => () => queueMicrotask(() => controller.abort(reason)),
      };
      const result = make({}, undefined, clock)(get(server.url), exchange(controller.signal));
      await expect(result).rejects.toBe(reason);
    });

    it("tries the next address of a name, and tells how long the lookup took", async () => {
      const server = await answering(OK);
      const transport = make({ allowPrivate: true }, names({ "api.example.com": ["::1", "127.0.0.1"] }));
      const response = await transport(get(`http://api.example.com:${server.port}/`), exchange());
      expect(response.timings.connectMs).toBeGreaterThanOrEqual(response.timings.lookupMs ?? Number.NaN);
      expect(await text(response.body)).toBe("ok");
    });

    it.each([
      ["this machine", ["93.184.216.34", "127.0.0.1"], {}],
      ["a private address", ["10.1.2.3"], {}],
      ["a metadata address", ["169.254.169.254"], { allowPrivate: true }],
      ["a mapped metadata address", ["::ffff:169.254.169.254"], { allowPrivate: true }],
    ])("to a name that leads to %s is refused", async (_what, addresses, policy) => {
      const transport = make(policy, names({ "api.example.com": addresses }));
      expect(await failure(transport(get("https://api.example.com/"), exchange()))).toMatchObject({
        code: "connect_failed",
        phase: "policy",
        action: "next",
        message: expect.stringContaining("api.example.com leads to "),
      });
    });

    it("judges each lookup anew when a name's answer changes", async () => {
      const server = await answering(OK.replace("\r\n", "\r\nconnection: close\r\n"));
      const answers = [["127.0.0.1"], ["169.254.169.254"]];
      const transport = make({ allowPrivate: true }, (host, options, callback) =>
        names({ [host]: answers.shift() ?? [] })(host, options, callback),
      );
      const url = `http://api.example.com:${server.port}/`;
      expect(await fetchText(transport, url)).toBe("ok");
      expect(await failure(transport(get(url), exchange()))).toMatchObject({ phase: "policy" });
    });

    it("refuses an address in the URL without a lookup or a connection", async () => {
      const looked: string[] = [];
      const transport = make({}, (host) => void looked.push(host));
      const refused = await failure(transport(get("https://0x0a.1.2.3/"), exchange()));
      expect(refused).toMatchObject({ code: "config_invalid" });
      expect(looked).toEqual([]);
    });

    it("leaves no idle connection that would keep the process alive", async () => {
      const server = await serve(async (peer) => {
        await peer.request();
        peer.send(OK);
      });
      const factory = name === "node" ? "createNodeTransport" : "createUndiciTransport";
      const source = `
        import { ${factory} } from "./src/wire/transport-${name}.ts";
        import { systemClock } from "./src/core/clock.ts";
        const made = ${factory}({ allowPrivate: false }, systemClock);
        const exchange = { signal: new AbortController().signal, connectTimeoutMs: 5000 };
        const response = await (made.transport ?? made)({ method: "GET", url: "${server.url}", headers: {} }, exchange);
        for await (const chunk of response.body) process.stdout.write(chunk);`;
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", source], {
        cwd: `${import.meta.dirname}/../..`,
        timeout: 3_500,
      });
      expect(stdout).toBe("ok");
    });
  });

  // Without openssl there is nothing to make certificates with.
  describe.skipIf(!hasOpenssl)("TLS", () => {
    const certificates = hasOpenssl ? makeCertificates() : undefined;
    const { ca = "" } = certificates ?? {};
    const answer = async (peer: Peer) => {
      await peer.request();
      peer.send(OK);
    };

    it("trusts an authority the policy names, by address and by name", async () => {
      const server = await serve(answer, certificates?.good);
      const response = await make({ ca })(get(server.url), exchange());
      expect(response.timings.tlsMs).toBeGreaterThan(0);
      expect(await text(response.body)).toBe("ok");
      expect(await fetchText(make({ ca }), `https://localhost:${server.port}/`)).toBe("ok");
    });

    it.each([
      ["expired", "its certificate has expired", true],
      ["wrongHost", "its certificate is for another host", true],
      ["selfSigned", "its certificate is self-signed", true],
      ["good", "its certificate comes from an authority that is not trusted", false],
    ] as const)("refuses a certificate that is %s", async (which, reason, trusted) => {
      const server = await serve(answer, certificates?.[which]);
      expect(await failure(make(trusted ? { ca } : {})(get(server.url), exchange()))).toEqual({
        code: "connect_failed",
        phase: "tls",
        action: "next",
        reused: undefined,
        message: `cannot connect to 127.0.0.1:${server.port}: ${reason}`,
      });
    });

    it("is never spoken in a version below 1.2", async () => {
      const old = {
        ...certificates?.good,
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        ciphers: "ALL:@SECLEVEL=0",
      } as const;
      const server = await serve(answer, old);
      expect(await failure(make({ ca })(get(server.url), exchange()))).toMatchObject({
        phase: "tls",
        action: "next",
      });
    });

    it("broken off by the server may be repaired", async () => {
      const server = await serve((peer) => peer.socket.once("data", () => peer.reset()));
      const url = server.url.replace("http:", "https:");
      expect(await failure(make()(get(url), exchange()))).toMatchObject({ phase: "tls", action: "repair" });
    });

    describe("through a proxy", () => {
      /** A proxy that joins every tunnel to one server, whatever name was asked for. */
      async function serveProxy(target: RawServer, tls = false) {
        const seen: string[] = [];
        const script = async (peer: Peer) => {
          seen.push(await peer.request());
          peer.socket.removeAllListeners("data");
          peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
          const onward = createConnection(target.port, "127.0.0.1");
          onward.on("error", () => {});
          peer.socket.pipe(onward).pipe(peer.socket);
        };
        const server = await serve(script, tls ? certificates?.good : undefined);
        return { ...server, seen };
      }

      const through = (url: string, noProxy = ""): Partial<EndpointPolicy> => ({
        ca,
        proxy: { url, noProxy },
      });

      it.each([false, true])(
        "reaches an endpoint the proxy alone can look up (proxy over TLS: %s)",
        async (tls) => {
          const target = await serve(answer, certificates?.good);
          const proxy = await serveProxy(target, tls);
          const url = proxy.url.replace("://", "://me:p%40ss@");
          const transport = make(through(url), names({}));
          expect(await fetchText(transport, "https://api.example.com/v1")).toBe("ok");
          const [head = ""] = proxy.seen;
          expect(head).toMatch(/^CONNECT api\.example\.com:443 HTTP\/1\.1\r\n/);
          expect(head.toLowerCase()).toContain("host: api.example.com:443\r\n");
          const credentials = Buffer.from("me:p@ss").toString("base64");
          expect(head.toLowerCase()).toContain(`proxy-authorization: basic ${credentials}`.toLowerCase());
        },
      );

      it("checks the endpoint's certificate, not the proxy's", async () => {
        const proxy = await serveProxy(await serve(answer, certificates?.wrongHost));
        const result = make(through(proxy.url), names({}))(get("https://api.example.com/"), exchange());
        expect(await failure(result)).toMatchObject({ phase: "tls", action: "next" });
      });

      it("says with which status the proxy refused, and not its password", async () => {
        const proxy = await answering("HTTP/1.1 407 Authentication Required\r\ncontent-length: 0\r\n\r\n");
        const transport = make(through(proxy.url.replace("://", "://me:secret@")), names({}));
        const refused = await failure(transport(get("https://api.example.com/"), exchange()));
        expect(refused).toMatchObject({ code: "connect_failed", phase: "connect", action: "next" });
        expect(refused.message).toBe(`the proxy 127.0.0.1:${proxy.port} refused with status 407`);
      });

      it("names the proxy that cannot be reached, and not its password", async () => {
        const proxy = await startRawServer(() => {});
        await proxy.close();
        const transport = make(through(proxy.url.replace("://", "://me:secret@")), names({}));
        const { message } = await failure(transport(get("https://api.example.com/"), exchange()));
        expect(message).toBe(`cannot connect to the proxy 127.0.0.1:${proxy.port}: connection refused`);
      });

      it("names the proxy that drops the connection or never answers", async () => {
        const dropping = await serve((peer) => peer.reset());
        const dropped = make(through(dropping.url), names({}))(get("https://api.example.com/"), exchange());
        expect((await failure(dropped)).message).toBe(
          `cannot connect to the proxy 127.0.0.1:${dropping.port}: connection reset`,
        );
        const { clock, expire } = stoppedClock();
        const silent = await serve(async (peer) => {
          await peer.request();
          expire();
        });
        const late = make(through(silent.url), names({}), clock)(get("https://api.example.com/"), exchange());
        expect((await failure(late)).message).toMatch(/^no connection to the proxy 127\.0\.0\.1:\d+ within /);
      });

      it("names the endpoint again once the tunnel stands", async () => {
        const proxy = await serveProxy(await serve(answer, certificates?.wrongHost));
        const result = make(through(proxy.url), names({}))(get("https://api.example.com/"), exchange());
        expect((await failure(result)).message).toMatch(/^cannot connect to api\.example\.com: /);
      });

      it("is asked nothing when HTTPS_PROXY is no http address", async () => {
        let lookups = 0;
        const transport = make(through("socks5://me:secret@proxy.example"), () => (lookups += 1));
        const refused = await failure(transport(get("https://api.example.com/"), exchange()));
        expect([refused.code, refused.message, lookups]).toEqual([
          "config_invalid",
          "HTTPS_PROXY is not an http address",
          0,
        ]);
      });

      it("that is silent ends with an abort", async () => {
        const controller = new AbortController();
        const reason = new Error("enough");
        const proxy = await serve(() => controller.abort(reason));
        const result = make(through(proxy.url))(get("https://api.example.com/"), exchange(controller.signal));
        await expect(result).rejects.toBe(reason);
        await proxy.peers[0]?.closed;
      });

      it("never goes plain http", async () => {
        const proxy = await answering(OK);
        const server = await answering(OK);
        expect(await fetchText(make(through(proxy.url)), server.url)).toBe("ok");
        expect(proxy.peers).toHaveLength(0);
      });
    });
  });
});
