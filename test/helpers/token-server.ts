import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Answered {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

export interface TokenServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly host: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** A local service that answers each request as `answer` says; `undefined` leaves it without an answer. */
export async function startTokenServer(answer: (asked: Asked) => Answered | undefined): Promise<TokenServer> {
  const asked: Asked[] = [];
  const server = createServer((incoming, response) => {
    void receive(incoming).then((request) => {
      asked.push(request);
      const reply = answer(request);
      if (!reply) return;
      response.writeHead(reply.status ?? 200, reply.headers);
      response.end(typeof reply.body === "object" ? JSON.stringify(reply.body) : reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(incoming: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
}
