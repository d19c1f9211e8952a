import { connect, type Socket } from "node:net";
import { createAnswerReader } from "./answer-reader.ts";
import type { Order } from "./order.ts";
import type { StreamCheck } from "./stream-check.ts";

/** One connection that asks, one request at a time; it is opened again where the server closed it. */
export interface Caller {
  ask(done: (outcome: Outcome) => void): void;
  close(): void;
}

export interface Outcome {
  readonly ms: number;
  readonly firstTokenMs: number | undefined;
  /** What was wrong with the answer. */
  readonly problem: string | undefined;
}

/** The answer that is under way. */
interface Awaited {
  readonly startedAt: number;
  readonly done: (outcome: Outcome) => void;
  readonly check: StreamCheck | undefined;
  firstTokenMs: number | undefined;
  /** A status other than 200. */
  refusal: string | undefined;
  /** The body that came with it. */
  said: string;
}

/** @param checks One for each stream; undefined for whole answers. */
export function createCaller(order: Order, checks: (() => StreamCheck) | undefined): Caller {
  const bytes = requestBytes(order);
  let socket: Socket | undefined;
  let awaited: Awaited | undefined;
  let isLast = false;

  function settle(problem?: string): void {
    const current = awaited;
    if (!current) return;
    awaited = undefined;
    if (isLast) drop();
    const { startedAt, firstTokenMs, done, check, refusal, said } = current;
    const refused = refusal === undefined ? undefined : `${refusal}: ${messageOf(said)}`;
    done({ ms: performance.now() - startedAt, firstTokenMs, problem: refused ?? problem ?? check?.end() });
  }

  function drop(): void {
    socket?.destroy();
    socket = undefined;
  }

  const read = () =>
    createAnswerReader({
      head(status, head) {
        isLast = /\r\nconnection: *close/i.test(head);
        if (status !== 200 && awaited) awaited.refusal = refusalOf(status, head);
      },
      data(part) {
        if (awaited?.refusal !== undefined) awaited.said += part.toString("latin1");
        else if (awaited?.check?.data(part)) awaited.firstTokenMs ??= performance.now() - awaited.startedAt;
      },
      end: () => settle(),
    });

  function opened(): Socket {
    isLast = false;
    const fresh = "path" in order.door ? connect(order.door) : connect({ ...order.door, noDelay: true });
    fresh.on("data", read());
    fresh.on("error", () => {});
    fresh.on("close", () => {
      if (fresh !== socket) return;
      socket = undefined;
      settle("a connection closed before the answer's end");
    });
    return fresh;
  }

  return {
    ask(done) {
      socket ??= opened();
      awaited = {
        startedAt: performance.now(),
        ...{ done, check: checks?.(), firstTokenMs: undefined, refusal: undefined, said: "" },
      };
      socket.write(bytes);
    },
    close() {
      awaited = undefined;
      drop();
    },
  };
}

function refusalOf(status: number, head: string): string {
  const code = /\r\nx-riptide-error: *(\w+)/i.exec(head)?.[1];
  return code === undefined ? `status ${status}` : `status ${status} ${code}`;
}

/** The message of an error, without its numbers, so that those that say the same are counted together. */
const messageOf = (body: string): string =>
  (/"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 100)).replace(/\d+/g, "N");

function requestBytes({ path, headers, body }: Order): Buffer {
  const all = {
    host: "localhost",
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}
