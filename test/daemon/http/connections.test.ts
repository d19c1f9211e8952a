import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createConnections } from "../../../src/daemon/http/connections.ts";
import { callRaw, get } from "../../helpers/fake-daemon.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

async function server(maxSilent: number) {
  const clock = virtualClock();
  const connections = createConnections(clock, maxSilent);
  const door = createServer((request, response) => {
    if (connections.asked(request.socket, response)) response.end("served");
  });
  let opened = 0;
  let gone = 0;
  door.on("connection", (socket) => {
    opened += 1;
    connections.opened(socket);
    socket.once("close", () => {
      gone += 1;
    });
  });
  const path = join(mkdtempSync(join(tmpdir(), "door-")), "s");
  await new Promise<void>((resolve) => door.listen(path, resolve));
  onTestFinished(() => {
    door.closeAllConnections();
    door.close();
  });
  const open = async () => {
    const before = opened;
    const caller = callRaw({ path, port: 0 });
    while (opened === before) await new Promise(setImmediate);
    return caller;
  };
  const closed = async () => {
    while (gone === 0) await new Promise(setImmediate);
  };
  return { clock, open, closed };
}

describe("connections (H-1)", () => {
  it("that ask for nothing are so many; one more is told so after a moment", async () => {
    const { clock, open } = await server(2);
    const [first] = [await open(), await open()];
    const third = await open();
    clock.skip(249);
    expect(third.received()).toBe("");
    clock.skip(1);
    const text = await third.closed;
    expect(text).toMatch(/^HTTP\/1\.1 503 .*"code":"overloaded_local"/s);
    expect(text).toContain("retry-after: 1");
    first.socket.write(get("/"));
    expect(await first.until("served")).toContain("200 OK");
  });

  it("that ask are served, however many there are", async () => {
    const { clock, open } = await server(1);
    const callers = [await open(), await open(), await open()];
    for (const caller of callers) caller.socket.write(get("/"));
    for (const caller of callers) expect(await caller.until("served")).toContain("200 OK");
    clock.skip(1_000);
    for (const caller of callers) {
      caller.socket.write(get("/"));
      await caller.until(/served.*served/s);
    }
  });

  it("above that number stay where there is room again in time", async () => {
    const { clock, open } = await server(1);
    const [first, second] = [await open(), await open()];
    first.socket.write(get("/"));
    await first.until("served");
    clock.skip(250);
    second.socket.write(get("/"));
    expect(await second.until("served")).toContain("200 OK");
  });

  it("that are gone are not counted", async () => {
    const { clock, open, closed } = await server(1);
    const gone = await open();
    gone.socket.destroy();
    await closed();
    const caller = await open();
    clock.skip(1_000);
    caller.socket.write(get("/"));
    expect(await caller.until("served")).toContain("200 OK");
  });
});
