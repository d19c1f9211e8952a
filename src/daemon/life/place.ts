import { lstatSync, mkdirSync, type Stats, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { RiptideError } from "../../core/errors.ts";

/**
 * Makes sure of the folder a socket is to stand in: ours alone, and no link (F-1).
 * @throws RiptideError `unsafe_permissions`, `socket_path_invalid`
 */
export function securePlace(socket: string): void {
  const folder = dirname(socket);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw invalid("the socket's folder cannot be made", [folder, why]);
  }
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw invalid("the socket's folder is none, or a link", [folder]);
  if (!isOurs(found)) throw unsafe("the socket's folder belongs to another user", folder);
  if ((found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    throw unsafe(`the socket's folder is open to others (mode ${mode})`, folder, `chmod 700 ${folder}`);
  }
}

/**
 * Clears the path of what a daemon that ended has left there (SD-1). The lock has to be held.
 * @returns False where somebody answers.
 * @throws RiptideError `socket_path_invalid`, `unsafe_permissions` for what is no socket of ours, which is left alone
 */
export async function clearPath(socket: string): Promise<boolean> {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (!found) return true;
  if (!found.isSocket()) {
    const kind = found.isSymbolicLink() ? "a link" : found.isDirectory() ? "a folder" : "no socket";
    throw invalid(
      `what stands at the socket's path is ${kind}`,
      [socket],
      "remove it, or use another --socket",
    );
  }
  if (!isOurs(found)) throw unsafe("what stands at the socket's path belongs to another user", socket);
  if (await answers(socket)) return false;
  unlinkSync(socket);
  return true;
}

const isOurs = ({ uid }: Stats): boolean => uid === process.getuid?.();

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const connection = connect(path);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      else reject(invalid("what stands at the socket's path cannot be asked", [path, error.message]));
    });
  });
}

const invalid = (message: string, reasons: readonly string[], hint?: string): RiptideError =>
  new RiptideError("socket_path_invalid", message, { reasons, ...(hint !== undefined && { hint }) });

const unsafe = (message: string, path: string, hint = "use another --socket"): RiptideError =>
  new RiptideError("unsafe_permissions", message, { reasons: [path], hint });
