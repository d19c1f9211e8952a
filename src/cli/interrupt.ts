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

/** An error that nothing caught is told like every other, without a stack, and ends the process. */
export function onCrash(process: NodeJS.Process, report: (thrown: unknown) => Promise<number>): void {
  process.on("uncaughtException", (thrown) => {
    void report(thrown).then((exit) => process.exit(exit));
  });
}
