import { join, resolve } from "node:path";
import type { DaemonSettings } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import type { Call } from "./command.ts";

/** The longest path a socket may have, in bytes: the kernel keeps 108 with the final NUL, macOS 104. */
const MAX_BYTES = process.platform === "darwin" ? 103 : 107;

/**
 * Where the daemon of this call listens: `--socket`, `RIPTIDE_SOCKET`, the file's own word, or the place everyone knows.
 * @throws RiptideError `socket_path_invalid`
 */
export function socketPath({ io, given }: Call, config?: { readonly daemon: DaemonSettings }): string {
  const { environment, cwd } = io;
  const named = given.value("socket") ?? environment.flags.socket ?? config?.daemon.socket;
  const folder = environment.runtimeDir
    ? join(environment.runtimeDir, "riptide")
    : join(environment.stateDir, "run");
  const path = named === undefined ? join(folder, "riptide.sock") : resolve(cwd, named);
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_BYTES && !path.includes("\0")) return path;
  throw new RiptideError(
    "socket_path_invalid",
    `the socket's path has ${bytes} bytes, and ${MAX_BYTES} are possible`,
    {
      reasons: [path.replaceAll("\0", "\\0")],
      hint: "name a shorter one with --socket, RIPTIDE_SOCKET or daemon.socket",
    },
  );
}
