import { RiptideError } from "../../core/errors.ts";
import type { Call } from "../command.ts";

const MODES = ["auto", "require", "off"] as const;
export type DaemonMode = (typeof MODES)[number];

/** Whether a call is for the daemon: the flag, else the variable. @throws RiptideError `usage` */
export function daemonMode({ io, given }: Call): DaemonMode {
  const asked = given.value("daemon") ?? io.environment.flags.daemon ?? "auto";
  const mode = MODES.find((word) => word === asked);
  if (mode) return mode;
  throw new RiptideError("usage", `RIPTIDE_DAEMON wants auto, require or off, not "${asked}"`);
}

/** The words in which the daemon was required, for a reason under an error. */
export const requiredBy = ({ given }: Call): string =>
  `${given.value("daemon") === undefined ? "RIPTIDE_DAEMON=require" : "--daemon require"} was given`;

/** The socket was named for this call, so what is wrong with it has to be said. */
export const namesSocket = ({ io, given }: Call): boolean =>
  (given.value("socket") ?? io.environment.flags.socket) !== undefined;
