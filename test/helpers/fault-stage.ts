import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { seededRandom } from "../../src/core/random.ts";
import type { PipelineEvent } from "../../src/engine/events.ts";
import { createGuard, type GuardSurroundings } from "../../src/engine/live-guard.ts";
import type { AskEngine, Asked } from "./ask.ts";
import { type Peer, type RawServer, startRawServer } from "./raw-server.ts";

/** An engine with breakers, holds and a retry budget, as a process has them. */
export type Guarded<E> = E & Required<Pick<AskEngine, "guard" | "random">>;

/** Gives an engine a guard of its own; it remembers nothing from before unless `more` says so. */
export function guarded<E extends AskEngine>(engine: E, more: Partial<GuardSurroundings> = {}): Guarded<E> {
  const random = more.random ?? seededRandom(1);
  const guard = createGuard({
    clock: engine.clock,
    random,
    history: async () => undefined,
    retryBudget: { ratio: 0.2, floor: 10 },
    ...more,
  });
  return { ...engine, guard, random };
}

/** Every attempt of an operation: its kind, provider and how it ended. */
export function stepsOf({ result, failure }: Pick<Asked, "result" | "failure">): readonly string[] {
  const { attempts = [] } = result ?? failure ?? {};
  return attempts.map(({ kind, provider, code, outcome }) => `${kind} ${provider} ${code ?? outcome}`);
}

/** How each attempt counted for its provider's breaker. */
export function effectsOf({ result, failure }: Pick<Asked, "result" | "failure">): readonly string[] {
  const { attempts = [] } = result ?? failure ?? {};
  return attempts.map(({ effect }) => effect);
}

/** The ways in which an answer went on elsewhere. */
export const modesOf = (events: readonly PipelineEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === "failover" ? [event.mode] : []));

export const HEAD = (type: string, more = "") => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${more}\r\n`;

/** A whole answer of the OpenAI dialect, as one document. */
export function documentOf(text: string): string {
  const body = JSON.stringify({ choices: [{ index: 0, message: { content: text }, finish_reason: "stop" }] });
  return HEAD("application/json", `content-length: ${Buffer.byteLength(body)}\r\n`) + body;
}

/** A server that does this to every request on every connection. */
export const startServer = (
  script: (peer: Peer, request: string, index: number) => unknown,
): Promise<RawServer> =>
  startRawServer(async (peer, index) => {
    for (;;) await script(peer, await peer.request(), index);
  });

/** A provider of the OpenAI dialect that answers every request with this text. */
export const startSound = (text = "from the second"): Promise<RawServer> =>
  startServer((peer) => peer.send(documentOf(text)));

/** The address of a port at which nobody listens. */
export async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
