import { chmodSync, chownSync, lstatSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { dirname, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { RiptideError } from "../../core/errors.ts";
import { endConnections } from "./end-connections.ts";

/** Many programs may knock at once; Node's own default is 511. */
export const BACKLOG = 4_096;
const LOOK_EVERY_MS = 2_000;

export interface ListenOptions {
  /** A server for each time it listens: connections of an earlier one go on. */
  makeServer(): Server;
  readonly clock: Clock;
  /** Who may connect: permission bits, and the group they are for. */
  readonly mode?: number | undefined;
  readonly group?: string | undefined;
}

/** A path at which somebody listens. */
export interface Listening {
  /** Says why where the path is no longer this daemon's. */
  problem(): string | undefined;
  /** Takes no new connections, and removes the socket where it is still its own. */
  close(): void;
  /** Ends those that are open, when they have said their last words. */
  end(): Promise<void>;
}

/**
 * Listens at a path, under a temporary name first and then renamed, so that nobody ever meets a socket with another mode
 * (SD-2). Looks every two seconds whether it is still there; where it was removed, it listens anew.
 */
export async function listenAt(
  path: string,
  { makeServer, clock, mode = 0o600, group }: ListenOptions,
): Promise<Listening> {
  const servers: Server[] = [];
  let own = "";
  let problem: string | undefined;
  let isClosed = false;
  const open = async (): Promise<void> => {
    const server = makeServer();
    servers.push(server);
    const name = join(dirname(path), `.r${servers.length}${process.pid % 100_000}`);
    await bind(server, name);
    if (group !== undefined) chownSync(name, process.getuid?.() ?? -1, groupId(group));
    if (mode !== 0o600) chmodSync(name, mode);
    renameSync(name, path);
    own = identityOf(path) ?? "";
  };
  const look = async (): Promise<void> => {
    const found = identityOf(path);
    problem = found !== undefined && found !== own ? `something else stands at ${path}` : undefined;
    if (found === undefined) await open();
  };
  const lookAgain = (): void => {
    cancel = clock.timer(LOOK_EVERY_MS, () => {
      if (isClosed) return;
      look().then(lookAgain, (thrown) => {
        problem = `cannot listen at ${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
        lookAgain();
      });
    });
  };
  let cancel = () => {};
  await open();
  lookAgain();
  return {
    problem: () => problem,
    close() {
      isClosed = true;
      cancel();
      if (identityOf(path) === own) unlinkSync(path);
      for (const server of servers) {
        server.close();
        server.closeIdleConnections();
      }
    },
    end: () => endConnections(servers, clock),
  };
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Only this user may connect, from the first moment on.
    const before = process.umask(0o177);
    server.once("error", reject);
    server.listen({ path, backlog: BACKLOG }, () => {
      server.removeListener("error", reject);
      resolve();
    });
    process.umask(before);
  });
}

function identityOf(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/** Node looks no groups up, so the file is read. @throws RiptideError `config_invalid` for an unknown one */
function groupId(name: string): number {
  const lines = readFileSync("/etc/group", "utf8").split("\n");
  const id = lines.map((line) => line.split(":")).find(([group]) => group === name)?.[2];
  if (id !== undefined) return Number(id);
  throw new RiptideError("config_invalid", `there is no group ${name} on this machine`, {
    hint: "tenants.list.NAME.socket.group names a group of /etc/group",
  });
}
