import type { LookupFunction } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { RiptideError } from "../../src/core/errors.ts";
import { createNodeTransport } from "../../src/wire/transport-node.ts";
import { VENDORS, type Vendor } from "../e2e/vendors.ts";
import { ask } from "../helpers/ask.ts";
import { startBlackHole } from "../helpers/black-hole.ts";
import { type Certificates, hasOpenssl, makeCertificates } from "../helpers/certificates.ts";
import { answers, fakeStage, type Step } from "../helpers/fake-provider.ts";
import {
  closedPort,
  documentOf,
  effectsOf,
  guarded,
  HEAD,
  startServer,
  startSound,
  stepsOf,
} from "../helpers/fault-stage.ts";
import { faultTable } from "../helpers/fault-table.ts";
import { startRawServer } from "../helpers/raw-server.ts";
import { ENGINES } from "../helpers/transports.ts";
import { vendorEngine } from "../helpers/vendor-engine.ts";

const table = faultTable();
const [openai] = VENDORS as readonly [Vendor];
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0)) await resource.close();
});

const kept = <T extends { close(): Promise<unknown> }>(resource: T): T => {
  open.push(resource);
  return resource;
};

/** A vendor like OpenAI whose entry has these lines, too. */
const openAiWith = (...lines: readonly string[]): Vendor => ({
  ...openai,
  entry: (url) => [...openai.entry(url), ...lines],
});

interface FirstOptions {
  readonly vendor?: Vendor;
  readonly extra?: string;
  readonly stream?: boolean;
  readonly around?: Parameters<typeof vendorEngine>[2];
}

/** An engine with this address first and a sound provider behind it. */
async function engineWith(url: string, { vendor = openai, extra = "", around = {} }: FirstOptions = {}) {
  const second = kept(await startSound());
  const entries = [
    [vendor, url, "first"],
    [openai, second.url, "second"],
  ] as const;
  return guarded(await vendorEngine(entries, extra, around), { random: () => 0.1 });
}

async function askFirst(url: string, options: FirstOptions = {}) {
  const { stream = true } = options;
  const asked = ask(await engineWith(url, options), { stream });
  await asked.done;
  return asked;
}

describe("a connection that is refused (row 1)", () => {
  it("is tried once more, then the next provider answers; both tries count as failures", async () => {
    const asked = await askFirst(await closedPort());
    expect(asked.text).toBe("from the second");
    expect(stepsOf(asked)).toEqual([
      "try first connect_failed",
      "repair first connect_failed",
      "try second ok",
    ]);
    expect(effectsOf(asked)).toEqual(["failure", "failure", "success"]);
  });

  it("is not tried again under repair: never", async () => {
    const asked = await askFirst(await closedPort(), { extra: "failover: { repair: never }\n" });
    expect(stepsOf(asked)).toEqual(["try first connect_failed", "try second ok"]);
  });

  const refused: Step = () => Promise.reject(new RiptideError("connect_failed", "refused"));
  it.each([
    ["first", 0, 0],
    ["first", 0.999, 250],
    ["never", 0.999, 0],
  ])("repair: %s waits, at the random number %d, for %d ms in all", async (repair, random, ms) => {
    const stage = await fakeStage({ a: [refused], b: [answers("b")] }, { failover: { repair } });
    const asked = ask(guarded(stage, { random: () => random }));
    await stage.clock.advance(300);
    await asked.done;
    expect(Math.abs((asked.result?.timing.totalMs ?? 999) - ms)).toBeLessThan(1);
    table.saw(1, `repair ${repair}: next after ${asked.result?.timing.totalMs.toFixed(0)} ms`);
  });
});

describe("a connection that never comes about (row 2)", () => {
  const HURRIED = "timeouts: { connect: 60ms }";
  const around = (lookup: LookupFunction) => ({
    createTransport: (policy: Parameters<typeof createNodeTransport>[0]) =>
      createNodeTransport(policy, systemClock, lookup),
  });

  it("a lookup without an answer ends with the connect limit and is not repaired", async () => {
    const never: LookupFunction = () => {};
    const vendor = openAiWith(HURRIED);
    const asked = await askFirst("https://dead.example", { vendor, around: around(never) });
    expect(stepsOf(asked)).toEqual(["try first connect_failed", "try second ok"]);
    expect(asked.result?.attempts[0]?.ms).toBeLessThan(1_000);
  });

  it("an unknown name alone is repaired", async () => {
    const unknown: LookupFunction = (_name, _options, done) =>
      done(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), "", 4);
    const asked = await askFirst("https://dead.example", { around: around(unknown) });
    expect(stepsOf(asked)).toEqual([
      "try first connect_failed",
      "repair first connect_failed",
      "try second ok",
    ]);
    expect(asked.result?.attempts[0]?.message).toContain("the name is unknown");
  });

  it("a black hole ends with the connect limit, is not repaired, and no socket stays", async () => {
    const hole = kept(await startBlackHole());
    const asked = await askFirst(hole.url, { vendor: openAiWith(HURRIED) });
    expect(stepsOf(asked)).toEqual(["try first connect_failed", "try second ok"]);
    expect(connecting()).toBe(0);
    table.saw(2, `left after ${asked.result?.attempts[0]?.ms} ms with a limit of 60 ms`);
  });

  /** Connections of this process that are still on their way. */
  const connecting = () =>
    process.getActiveResourcesInfo().filter((name) => name === "TCPConnectWrap").length;
});

describe.skipIf(!hasOpenssl)("a certificate that is not good (row 3; needs openssl)", () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });

  it.each([
    ["expired", "its certificate has expired"],
    ["wrongHost", "its certificate is for another host"],
    ["selfSigned", "its certificate is self-signed"],
  ] as const)("%s: the next provider answers, and nothing is repaired", async (kind, reason) => {
    const requests: string[] = [];
    const server = kept(
      await startRawServer(async (peer) => requests.push(await peer.request()), certificates[kind]),
    );
    const around = { readFile: async () => certificates.ca };
    const vendor = openAiWith("ca_file: /ca.pem");
    const asked = await askFirst(server.url, { ...(kind !== "selfSigned" && { vendor, around }) });
    expect(stepsOf(asked)).toEqual(["try first connect_failed", "try second ok"]);
    expect(asked.result?.attempts[0]?.message).toContain(reason);
    expect([effectsOf(asked)[0], requests]).toEqual(["failure", []]);
    table.saw(3, reason.replace("its certificate ", ""));
  });
});

describe("a connection that ends without a byte (row 5)", () => {
  it.each(["end", "reset"] as const)("%s: one repair, then the next provider", async (how) => {
    const server = kept(await startServer((peer) => peer[how]()));
    const asked = await askFirst(server.url);
    expect(stepsOf(asked)).toEqual([
      "try first protocol_error",
      "repair first protocol_error",
      "try second ok",
    ]);
    expect([effectsOf(asked), server.peers.length]).toEqual([["failure", "failure", "success"], 2]);
  });
});

describe.each(ENGINES)("a kept connection over %s that the provider resets (row 6)", (name, make) => {
  const around = { createTransport: (policy: Parameters<typeof make>[0]) => make(policy) };

  it("is replaced at once, whoever waits: success, and the breaker has counted nothing", async () => {
    const server = kept(
      await startRawServer(async (peer) => {
        await peer.request();
        peer.send(documentOf("from the first"));
        await peer.request();
        peer.reset();
      }),
    );
    const engine = await engineWith(server.url, { around });
    // Two of them wait, so that the repair could take the other one.
    const before = [ask(engine), ask(engine)];
    await Promise.all(before.map(({ done }) => done));
    await new Promise((resolve) => setImmediate(resolve));
    const again = ask(engine);
    await again.done;
    expect([...before, again].map(({ text }) => text)).toEqual(Array(3).fill("from the first"));
    expect(stepsOf(again)).toEqual(["try first protocol_error", "repair first ok"]);
    expect([effectsOf(again), server.peers.length]).toEqual([["ignored", "success"], 3]);
  });

  it("20 ms after each answer costs no caller its answer, and no failure is counted", async () => {
    const server = kept(
      await startServer((peer) => {
        peer.send(documentOf("from the first"));
        setTimeout(peer.end, 20);
      }),
    );
    const engine = await engineWith(server.url, { around });
    let repairs = 0;
    for (let n = 0; n < 15; n += 1) {
      const asked = ask(engine);
      await asked.done;
      repairs += stepsOf(asked).filter((step) => step.startsWith("repair")).length;
      expect(asked.text).toBe("from the first");
      expect(effectsOf(asked)).not.toContain("failure");
      await new Promise((resolve) => setTimeout(resolve, 17 + (n % 6)));
    }
    table.saw(6, `${name}: 15 of 15 answered, ${repairs} connections replaced`);
  });
});

const JSON_HEAD = (more: string) => HEAD("application/json", more);

describe("an answer that is no HTTP (row 7)", () => {
  it.each([
    ["half a status line", "HTTP/1.1 20"],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["a bad chunk size", `${JSON_HEAD("transfer-encoding: chunked\r\n")}3\r\n{"a\r\nzz\r\n`],
    ["a header block above 16 KiB", JSON_HEAD(`x: ${"a".repeat(17_000)}\r\n`)],
    ["a length beside chunking", JSON_HEAD("content-length: 2\r\ntransfer-encoding: chunked\r\n")],
  ])("%s goes to the next provider, streamed and buffered", async (_name, bytes) => {
    for (const stream of [true, false]) {
      const server = kept(
        await startServer((peer) => {
          peer.send(bytes);
          peer.end();
        }),
      );
      const asked = await askFirst(server.url, { stream });
      expect(stepsOf(asked)).toEqual(["try first protocol_error", "try second ok"]);
      expect(effectsOf(asked)[0]).toBe("failure");
    }
  });
});

describe("an answer that is cut off (row 9)", () => {
  const half = '{"choices":[{"index":0,"mes';
  const sse = 'data: {"choices":[{"index":0,"delta":{"content":"from "}}]}\n\n';
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  const BODIES: readonly (readonly [string, string])[] = [
    ["a body shorter than its length", `${JSON_HEAD("content-length: 900\r\n")}${half}`],
    ["chunks without their end", `${JSON_HEAD("transfer-encoding: chunked\r\n")}${chunk(half)}`],
  ];
  const cutting = async (bytes: string) =>
    kept(
      await startServer((peer) => {
        peer.send(bytes);
        peer.end();
      }),
    );

  it.each(BODIES)(
    "before the first content is repaired, then the next one answers: %s",
    async (_name, bytes) => {
      const asked = await askFirst((await cutting(bytes)).url, { stream: false });
      expect(stepsOf(asked)).toEqual([
        "try first protocol_error",
        "repair first protocol_error",
        "try second ok",
      ]);
    },
  );

  it("after it is carried on by the next one", async () => {
    const head = HEAD("text/event-stream", "transfer-encoding: chunked\r\n");
    const server = kept(await startServer((peer) => peer.send(head + chunk(sse))));
    const onEvent = ({ type }: { type: string }) => type === "delta" && server.peers[0]?.end();
    const asked = ask(await engineWith(server.url), { onEvent });
    await asked.done;
    expect(stepsOf(asked)).toEqual(["try first stream_interrupted", "continue second ok"]);
    expect(asked.text).toBe("from the second");
  });
});
