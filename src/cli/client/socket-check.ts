import { lstatSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { RiptideError } from "../../core/errors.ts";

/**
 * Looks at what stands at the socket's path before anything is sent to it: a prompt is for our own daemon alone (F-3).
 * @param isNamed The caller named the path: then another user's socket will do where nobody else can put one.
 * @throws RiptideError `daemon_not_running` where nothing is there, `socket_path_invalid` or `unsafe_permissions` for
 * what is no socket of ours.
 */
export function checkSocket(path: string, isNamed: boolean): void {
  const found = look(path);
  if (!found) throw notRunning(path);
  if (!found.isSocket()) {
    const kind = found.isSymbolicLink() ? "a link" : found.isDirectory() ? "a folder" : "no socket";
    throw new RiptideError("socket_path_invalid", `what stands at the socket's path is ${kind}`, {
      reasons: [path],
      hint: "remove it, or name another path with --socket",
    });
  }
  if (found.uid === process.getuid?.() || (isNamed && isClosed(dirname(path)))) return;
  throw new RiptideError("unsafe_permissions", "the socket belongs to another user; nothing was sent", {
    reasons: [path, "its folder could be written to by others, or nobody named it for this call"],
    hint: "name your own with --socket, or use --daemon off",
  });
}

export const notRunning = (path: string, reason?: string): RiptideError =>
  new RiptideError("daemon_not_running", `no daemon at ${path}`, {
    ...(reason !== undefined && { reasons: [reason] }),
    hint: "riptide daemon start",
  });

export const stale = (path: string): RiptideError =>
  new RiptideError("socket_stale", "socket file exists but nothing answers (connection refused)", {
    reasons: [`${path} was left behind by a process that ended`],
    hint: "riptide daemon start   (removes it)",
  });

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw notRunning(path, cause instanceof Error ? cause.message : undefined);
  }
}

const isClosed = (folder: string) => ((look(folder)?.mode ?? 0o777) & 0o022) === 0;
