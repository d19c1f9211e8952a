import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { asRiptideError } from "../../core/errors.ts";
import { daemonSocket } from "../client/control.ts";
import { loadFor } from "../configured.ts";
import { ledgerPath } from "../open-ledger.ts";
import type { Examine, Finding } from "./check.ts";

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** Files and folders that only this user may open, or at least write. */
export const examinePermissions: Examine = async (call) => {
  const { io } = call;
  const loaded = await loadFor(call).catch((thrown: unknown) => asRiptideError(thrown));
  const config = "config" in loaded ? loaded.config : undefined;
  const file = "located" in loaded && loaded.located.kind === "file" ? loaded.located.path : undefined;
  const socket = await daemonSocket(call).catch(() => undefined);
  return [
    look("state", io.environment.stateDir, OTHERS),
    ...(config ? [look("ledger", ledgerPath(config, io), OTHERS)] : []),
    ...(file === undefined ? [] : [look("config", file, OTHERS_WRITE)]),
    ...(socket === undefined ? [] : [look("socket", dirname(socket), OTHERS)]),
  ];
};

/** @param forbidden Bits of the mode that must not be set. */
function look(name: string, path: string, forbidden: number): Finding {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return { name, status: "ok", summary: `${path} is not there yet` };
  const mode = (stat.mode & 0o777).toString(8);
  const isOurs = stat.uid === (process.getuid?.() ?? stat.uid);
  if (!isOurs) {
    return {
      ...{ name, status: "fail", summary: `${path} belongs to another user (uid ${stat.uid})` },
      remediation: `chown ${process.getuid?.() ?? ""} ${path}`,
    };
  }
  if ((stat.mode & forbidden) === 0) return { name, status: "ok", summary: `${path} (${mode})` };
  const right = forbidden === OTHERS_WRITE ? "go-w" : "go-rwx";
  return {
    ...{ name, status: "fail", summary: `${path} is open to others (mode ${mode})` },
    remediation: `chmod ${right} ${path}`,
  };
}
