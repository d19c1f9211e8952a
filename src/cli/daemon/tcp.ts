import { isIP } from "node:net";
import { RiptideError } from "../../core/errors.ts";
import { endConnections } from "../../daemon/life/end-connections.ts";
import { BACKLOG, type Listening, type ListenOptions } from "../../daemon/life/listen.ts";

/**
 * Listens on loopback TCP (`daemon.listen`).
 * @param address `host:port`
 * @throws RiptideError `config_invalid` for an address that is not loopback
 */
export async function listenTcp(
  address: string,
  { makeServer, clock }: Pick<ListenOptions, "makeServer" | "clock">,
): Promise<Listening> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  if (!isLoopback(host)) {
    throw new RiptideError("config_invalid", `daemon.listen is ${address}, which is not loopback`, {
      hint: "daemon.listen: 127.0.0.1:4100",
    });
  }
  const server = makeServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new RiptideError("config_invalid", `cannot listen at ${address}: ${cause.message}`, { cause })),
    );
    server.listen({ host, port: Number(address.slice(colon + 1)), backlog: BACKLOG }, resolve);
  });
  return {
    problem: () => undefined,
    close() {
      server.close();
      server.closeIdleConnections();
    },
    end: () => endConnections([server], clock),
  };
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
