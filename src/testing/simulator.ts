import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { systemClock } from "../core/clock.ts";
import type { Delivery, Dialect, Raw, Received, Rendered, Scenario } from "./scenario.ts";

export interface Simulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly requests: readonly Received[];
  /** What was wrong with the requests so far; a test expects none. */
  readonly problems: readonly string[];
  /** Streams whose client went away before their end. */
  readonly aborted: number;
  /** Scenarios for the next requests, in turn; the last one repeats. */
  play(...scenarios: readonly Scenario[]): void;
  close(): Promise<void>;
}

/** Starts a strict local server that speaks one vendor's dialect. */
export async function startSimulator(dialect: Dialect): Promise<Simulator> {
  const { createServer } = process.getBuiltinModule("node:http");
  const state = {
    requests: [] as Received[],
    problems: [] as string[],
    aborted: 0,
    script: [] as Scenario[],
  };
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    const answered = receive(incoming).then(async (request) => {
      state.requests.push(request);
      const problems = dialect.problems(request);
      state.problems.push(...problems.map((problem) => `${request.method} ${request.path}: ${problem}`));
      const scenario = (state.script.length > 1 ? state.script.shift() : state.script[0]) ?? {
        kind: "answer",
      };
      response.on("close", () => {
        if (!response.writableFinished) state.aborted += 1;
      });
      if (problems.length > 0) return refuse(response, problems);
      await perform(dialect, scenario, request, response);
    });
    answered.catch((error: unknown) => {
      state.problems.push(`the dialect ${dialect.name} has thrown: ${String(error)}`);
      response.destroy();
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: state.requests,
    problems: state.problems,
    get aborted() {
      return state.aborted;
    },
    play(...scenarios) {
      state.script = [...scenarios];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function receive(incoming: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers, body, json: parse(body) };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, problems: readonly string[]): void {
  response.writeHead(400, { "content-type": "application/json" });
  response.end(
    JSON.stringify({ error: { message: `simulator: ${problems.join("; ")}` }, message: problems.join("; ") }),
  );
}

async function perform(
  dialect: Dialect,
  scenario: Scenario,
  request: Received,
  response: ServerResponse,
): Promise<void> {
  if (scenario.kind === "raw") return sendRaw(scenario, response);
  const rendered = dialect.render(scenario, request);
  response.writeHead(rendered.status, rendered.headers);
  const delivery = (scenario.kind === "answer" && scenario.delivery) || {};
  const events = arrange(dialect, rendered, delivery);
  const bytes = Buffer.concat(events.map((event) => Buffer.from(event as Uint8Array)));
  const cut = delivery.cutAfterBytes ?? (delivery.cutAfterEvents === undefined ? undefined : bytes.length);
  await deliver(response, cut === undefined ? bytes : bytes.subarray(0, cut), delivery);
  if (cut !== undefined) {
    // Node holds the head and the first write back until the next turn: they are to arrive before the cut.
    await new Promise((resolve) => setImmediate(resolve));
    response.socket?.destroy();
  } else if (delivery.stallAfterEvents === undefined) response.end();
}

function arrange(dialect: Dialect, rendered: Rendered, delivery: Delivery): readonly (string | Uint8Array)[] {
  const events = [...rendered.events];
  if (delivery.noMarker) events.splice(events.length - (rendered.markerEvents ?? 0));
  if (delivery.strangerAfterEvents !== undefined)
    events.splice(delivery.strangerAfterEvents, 0, dialect.strangerEvent());
  const keep = delivery.cutAfterEvents ?? delivery.stallAfterEvents ?? delivery.errorAfterEvents;
  if (keep !== undefined) events.splice(keep);
  if (delivery.errorAfterEvents !== undefined) events.push(dialect.errorEvent());
  return events;
}

async function deliver(
  response: ServerResponse,
  bytes: Buffer,
  { slice, intervalMs = 0 }: Delivery,
): Promise<void> {
  const step = slice ?? Math.max(1, bytes.length);
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    const taken = response.write(bytes.subarray(at, at + step));
    if (!taken)
      await new Promise<void>((resolve) => {
        response.once("drain", resolve);
        response.once("close", resolve);
      });
    if (intervalMs > 0) await systemClock.sleep(intervalMs);
    else if (slice !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
}

function sendRaw({ status = 200, headers = {}, body = "", behaviour }: Raw, response: ServerResponse): void {
  if (behaviour === "silent") return;
  if (behaviour === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(status, headers);
  response.end(body);
}
