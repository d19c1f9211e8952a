import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { createUndiciTransport } from "../../src/wire/transport-undici.ts";

/** Begins each answer and never ends it. */
const server = createServer((_request, response) => void response.write("begun"));
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it("a transport leaves an answer in peace when it is closed, and breaks it off when it is destroyed (HR-5)", async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // Of a server that listens on TCP.
  const { transport, close, destroy } = createUndiciTransport({ allowPrivate: true }, systemClock);
  const request = { method: "GET", url: `http://127.0.0.1:${port}/`, headers: {} } as const;
  const { signal } = new AbortController();
  const { body } = await transport(request, { signal, connectTimeoutMs: 1_000 });
  const reading = body[Symbol.asyncIterator]();
  expect(Buffer.from((await reading.next()).value ?? []).toString()).toBe("begun");
  const next = reading.next().then(
    () => "more",
    (error) => error.code,
  );
  await close();
  expect(await Promise.race([next, new Promise((resolve) => setImmediate(() => resolve("open")))])).toBe(
    "open",
  );
  destroy();
  expect(await next).toBe("protocol_error");
});
