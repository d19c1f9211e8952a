import { setInterval } from "node:timers/promises";
import type { Peer } from "./raw-server.ts";

/** Servers that keep a caller waiting, each in its own way, until the caller leaves. */
export const SLOW_SERVERS: Readonly<Record<string, (everyMs: number) => (peer: Peer) => Promise<void>>> = {
  silent: () => async (peer) => {
    await peer.request();
  },
  "dripping its head": (everyMs) => async (peer) => {
    await peer.request();
    await drip(peer, everyMs, `HTTP/1.1 200 OK\r\nx-padding: ${"x".repeat(4_000)}`);
  },
  "dripping its body": (everyMs) => async (peer) => {
    await peer.request();
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    await drip(peer, everyMs, " ".repeat(4_000));
  },
  "flooding with 1xx": (everyMs) => async (peer) => {
    await peer.request();
    const heads = ["HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n"];
    for await (const _tick of setInterval(everyMs)) {
      if (peer.socket.destroyed) return;
      for (const head of heads) peer.send(head);
    }
  },
};

async function drip(peer: Peer, everyMs: number, text: string): Promise<void> {
  let at = 0;
  for await (const _tick of setInterval(everyMs)) {
    if (peer.socket.destroyed || at >= text.length) return;
    peer.send(text.charAt(at));
    at += 1;
  }
}
