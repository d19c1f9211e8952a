import { spawnSync } from "node:child_process";

export interface Cost {
  readonly wallMs: number;
  /** User and system time of all threads. */
  readonly cpuMs: number;
}

export interface Program {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const NOBODY_READS = "ignore";

/**
 * Runs a program to its end. bash's `time` prints what the kernel counted for it, to the millisecond; Node tells
 * only what it used itself, and /proc counts in steps of ten.
 * @throws Error when the program fails, with what it said.
 */
export function costOf({ argv, env }: Program): Cost {
  const { said, extra } = runToEnd(["bash", "-c", 'time "$0" "$@" 2>&3', ...argv], {
    ...env,
    TIMEFORMAT: "%3R %3U %3S",
  });
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = said.trim().split(" ").map(Number);
  if (extra !== "") throw new Error(`${argv.join(" ")} said: ${extra}`);
  return { wallMs: wall * 1_000, cpuMs: (user + system) * 1_000 };
}

/** Prints, when the process ends, the most memory it ever had; the kernel keeps it for each process image. */
const REPORT_PEAK = `process.on("exit", () => {
  const fs = process.getBuiltinModule("node:fs");
  fs.writeSync(3, /VmHWM:\\s*(\\d+) kB/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]);
});`;

/** The most memory a Node program had at once, in MB of 1,000,000 bytes. */
export function peakMegabytes({ argv: [node = "", ...args], env }: Program): number {
  const hook = `data:text/javascript,${encodeURIComponent(REPORT_PEAK)}`;
  return (Number(runToEnd([node, "--import", hook, ...args], env).extra) * 1_024) / 1_000_000;
}

function runToEnd([file = "", ...args]: readonly string[], env: Program["env"]) {
  const stdio = [NOBODY_READS, NOBODY_READS, "pipe", "pipe"] as const;
  const { status, output, error } = spawnSync(file, args, { env, encoding: "utf8", stdio: [...stdio] });
  const [, , said = "", extra = ""] = (output ?? []).map((text) => text ?? "");
  if (status !== 0)
    throw new Error(`${args.join(" ")} ended with ${status}: ${extra}${said}`, { cause: error });
  return { said, extra };
}
