import { RiptideError } from "../core/errors.ts";
import type { Call } from "./command.ts";
import type { Io } from "./io.ts";

/** Somebody sits at a terminal, and may be asked. */
export const canAsk = ({ io, given }: Call): boolean =>
  io.stdin.isTTY === true && io.stderr.isTty && !given.has("no-input") && !io.environment.flags.noInput;

/** Asks one line after the other, until it is closed. */
export interface Asker {
  /** The line without what is around it; undefined where the input ends. @throws RiptideError `cancelled` on Ctrl-C */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** Questions stand on stderr: stdout is for results. */
export function openAsker({ stdin, stderr }: Pick<Io, "stdin" | "stderr">): Asker {
  const { createInterface } = process.getBuiltinModule("node:readline/promises");
  const terminal = createInterface({ input: stdin, output: process.stderr, terminal: true });
  const left = new AbortController();
  let interrupted = false;
  // The terminal is in raw mode, so Ctrl-C is a key and no signal.
  terminal.on("SIGINT", () => {
    interrupted = true;
    left.abort();
  });
  terminal.on("close", () => left.abort());
  return {
    async ask(question) {
      try {
        return (await terminal.question(question, { signal: left.signal })).trim();
      } catch (error) {
        if (!left.signal.aborted) throw error;
        await stderr.write("\n");
        if (interrupted) throw new RiptideError("cancelled", "interrupted by SIGINT", { exit: 130 });
        return undefined;
      }
    },
    close: () => terminal.close(),
  };
}
