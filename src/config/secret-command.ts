import type { Clock } from "../core/clock.ts";
import type { Environment } from "./environment.ts";

const LIMIT_MS = 3_000;
const MAX_BYTES = 65_536;

/** What a password manager needs to find its store and agent; no key of another provider is handed on. */
const KEPT_VARIABLES = [
  ...["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"],
  ...["XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "GNUPGHOME", "GPG_TTY"],
  "PASSWORD_STORE_DIR",
];

interface Around {
  readonly environment: Pick<Environment, "lookup" | "home">;
  readonly clock: Clock;
}

/** Runs a program without a shell and gives the first line it prints, or what went wrong. */
export function firstLineOf(
  [program = "", ...args]: readonly string[],
  { environment, clock }: Around,
): Promise<{ readonly line: string } | { readonly problem: string }> {
  const kept = KEPT_VARIABLES.map((name) => [name, environment.lookup(name)] as const);
  const env = Object.fromEntries(kept.filter(([, value]) => value !== undefined));
  if (program === "") return Promise.resolve({ problem: "has no name" });
  return new Promise((resolve) => {
    // A group of its own, so that whatever the program started ends with it.
    // Loaded here: few configurations have such a secret.
    const child = process.getBuiltinModule("node:child_process").spawn(program, args, {
      cwd: environment.home,
      detached: true,
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const printed: Buffer[] = [];
    let size = 0;
    const settle = (result: { readonly line: string } | { readonly problem: string }) => {
      cancel();
      child.stdout.destroy();
      resolve(result);
    };
    const stop = (problem: string) => {
      if (child.pid !== undefined) endGroup(child.pid);
      settle({ problem });
    };
    const cancel = clock.timer(LIMIT_MS, () => stop("gave no answer within 3 s"));
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      printed.push(chunk);
      if (size > MAX_BYTES) stop("printed more than 64 KiB");
    });
    child.on("error", () => settle({ problem: "cannot be run" }));
    child.on("close", (code, signal) => {
      if (code !== 0) return settle({ problem: `failed (${signal ?? `exit ${code}`})` });
      settle({ line: Buffer.concat(printed).toString("utf8").split(/\r?\n/, 1)[0] ?? "" });
    });
  });
}

function endGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
