import { readFileSync, readlinkSync } from "node:fs";

/** A process that holds money: enough to know later whether it is still there (LG-2). */
export interface Owner {
  readonly pid: number;
  /** When it started, in clock ticks since the machine did; 0 where that cannot be told. */
  readonly started: number;
  /** The run of the machine, and the process namespace its number belongs to. */
  readonly boot: string;
}

/** This process. */
export const thisProcess = (): Owner => ({
  pid: process.pid,
  started: statOf("self")?.started ?? 0,
  boot: bootOf(),
});

/**
 * Whether an owner still runs. `unknown` for one whose process number means nothing here, such as in another container,
 * or may be another process's by now; then only the expiry of what it holds decides (LG-10).
 */
export function lifeOf(owner: Owner, boot: string = bootOf()): "alive" | "dead" | "unknown" {
  if (owner.boot !== boot) return machineOf(owner.boot) === machineOf(boot) ? "unknown" : "dead";
  if (!runs(owner.pid)) return "dead";
  const found = statOf(String(owner.pid));
  if (found === undefined || owner.started === 0) return "unknown";
  // A process that ended stays listed until its parent asks for it, and its number may have gone to another.
  return found.hasEnded || found.started !== owner.started ? "dead" : "alive";
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is there, but not to be signalled.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

interface Stat {
  readonly started: number;
  readonly hasEnded: boolean;
}

/** Fields 3 and 22 of /proc/PID/stat, counted behind the name, which may hold spaces and brackets (proc(5)). */
function statOf(pid: string): Stat | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, started] = [fields?.[0], fields?.[19]];
  if (state === undefined || started === undefined) return undefined;
  return { started: Number(started), hasEnded: ["Z", "X"].includes(state) };
}

const bootOf = (): string => `${textOf("/proc/sys/kernel/random/boot_id")?.trim() ?? ""} ${namespaceOf()}`;

const machineOf = (boot: string): string => boot.split(" ")[0] ?? "";

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function namespaceOf(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
