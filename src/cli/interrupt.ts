import { constants } from "node:os";
import { RiptideError } from "../core/errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The first signal asks for an orderly end by `cancel`; a second one ends the process at once. */
export function onInterrupt(process: NodeJS.Process, cancel: (reason: RiptideError) => void): void {
  let asked = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const exit = 128 + constants.signals[signal];
      if (asked) process.exit(exit);
      asked = true;
      cancel(new RiptideError("cancelled", `interrupted by ${signal}`, { exit }));
    });
  }
}

/** For a process with much to settle: from now on a signal only hurries it, and one more ends it at once. */
export function onHurry(process: NodeJS.Process, hurry: () => void): void {
  let isHurried = false;
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (isHurried) process.exit(128 + constants.signals[signal]);
      isHurried = true;
      hurry();
    });
  }
}

/** An error that nothing caught is told like every other, without a stack, and ends the process. */
export function onCrash(process: NodeJS.Process, report: (thrown: unknown) => Promise<number>): void {
  process.on("uncaughtException", (thrown) => {
    void report(thrown).then((exit) => process.exit(exit));
  });
}
