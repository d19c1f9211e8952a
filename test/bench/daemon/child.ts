import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";

/** A process that says what it has to say in lines. */
export interface Child {
  readonly pid: number;
  /** @throws Error where it ends first */
  line(): Promise<string>;
  stop(): Promise<void>;
}

/** What is measured has a core to itself; the provider and the load share another. */
export type Core = "measured" | "load";

const CORES: Readonly<Record<Core, string>> = { measured: "0", load: "1" };

/** A program of Linux that keeps another on one core. */
const PIN = ["taskset", "-c"] as const;

/** Only where there are two cores. */
const canPin = (): boolean =>
  availableParallelism() > 1 && spawnSync(PIN[0], [PIN[1], "0,1", "true"]).status === 0;

/** Starts Node with these arguments. */
export function startNode(
  args: readonly string[],
  how: { readonly core: Core; readonly env?: Readonly<Record<string, string>> },
): Child {
  const pin = canPin() ? [...PIN, CORES[how.core]] : [];
  const [file = "", ...rest] = [...pin, process.execPath, ...args];
  const env = { PATH: process.env.PATH ?? "", ...how.env };
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "inherit"], env });
  const lines = linesOf(child);
  return {
    pid: child.pid ?? 0,
    line: lines,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "close");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function linesOf(child: ChildProcess): () => Promise<string> {
  if (!child.stdout) throw new Error("the process has no stdout");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${child.spawnargs.join(" ").slice(0, 200)} ended with ${child.exitCode}`);
    return value;
  };
}
