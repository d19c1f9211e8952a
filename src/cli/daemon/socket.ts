import { daemonSocket } from "../client/control.ts";
import type { Run } from "../command.ts";

/** `riptide daemon socket`: where the daemon listens, or would. */
export const run: Run = async (call) => {
  await call.io.stdout.write(`${await daemonSocket(call)}\n`);
  return 0;
};
