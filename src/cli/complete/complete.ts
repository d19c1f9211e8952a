import { byDaemonOrHere } from "../client/ways.ts";
import type { Run } from "../command.ts";
import { readWork } from "./work.ts";

/** What asks for a plan, or for a word before anything is sent, is for this process. */
const HERE = ["estimate", "dry-run", "as", "confirm-above"] as const;

/** `riptide complete`: asks, and prints the answer as it comes. */
export const run: Run = async (call) => {
  const here = async () => (await import("./in-process.ts")).completeHere;
  if (HERE.some((flag) => call.given.has(flag))) {
    const { openSession } = await import("../session.ts");
    const session = await openSession(call);
    const work = await readWork(call, session.config.limits.maxStdinBytes);
    return (await here())(call, session, work);
  }
  return byDaemonOrHere(call, {
    read: (maxStdinBytes) => readWork(call, maxStdinBytes),
    through: async (daemon, work) => {
      const { completeThrough } = await import("./through-daemon.ts");
      return completeThrough(call, daemon, work);
    },
    here: async (session, work) => (await here())(call, session, work),
  });
};
