import type { Server } from "node:http";
import type { Clock } from "../../core/clock.ts";
import { RiptideError } from "../../core/errors.ts";
import { endConnections } from "./end-connections.ts";
import { BACKLOG, type Listening } from "./listen.ts";

/** The first descriptor that is handed over (sd_listen_fds(3)). */
const HANDED_FD = 3;

/**
 * Whether a service manager has opened the socket for this very process: one socket, and meant for nobody else, since
 * children inherit the variables (sd_listen_fds(3)).
 */
export const isHanded = (variable: (name: string) => string | undefined, pid: number): boolean =>
  variable("LISTEN_PID") === String(pid) && variable("LISTEN_FDS") === "1";

/**
 * Listens on the socket that was handed over. Its path is the service manager's, which goes on listening there: nothing
 * is looked after, and nothing is removed.
 * @throws RiptideError `socket_path_invalid` where the descriptor is no listening socket
 */
export async function listenHanded({
  makeServer,
  clock,
}: {
  makeServer(): Server;
  readonly clock: Clock;
}): Promise<Listening> {
  const server = makeServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(unusable(cause)));
    server.listen({ fd: HANDED_FD, backlog: BACKLOG }, resolve);
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

const unusable = (cause: Error): RiptideError =>
  new RiptideError(
    "socket_path_invalid",
    `descriptor ${HANDED_FD}, named by LISTEN_FDS, is no socket to listen on: ${cause.message}`,
    { cause, hint: "unset LISTEN_FDS, or use the unit of: riptide daemon install --socket-activated" },
  );
