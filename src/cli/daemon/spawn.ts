import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { RiptideError } from "../../core/errors.ts";
import type { Call } from "../command.ts";
import { DAEMON_VARIABLES } from "./units.ts";

/** How a daemon came up, or did not. */
export type StartEnd =
  | { readonly kind: "ready" }
  | { readonly kind: "late" }
  | { readonly kind: "ended"; readonly exit: number; readonly stdout: string; readonly stderr: string };

/** Starts a daemon that outlives this process. @throws RiptideError `usage` for a configuration from stdin */
export function spawnDaemon(call: Call): ChildProcess {
  const [, launcher = ""] = process.argv;
  const { spawn } = process.getBuiltinModule("node:child_process");
  return spawn(process.execPath, [launcher, "daemon", "run", ...flagsOf(call)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    cwd: call.io.cwd,
    env: { ...DAEMON_VARIABLES, ...call.io.environment.inherited() },
  });
}

/** The flags that decide what the daemon works by; variables are inherited. */
function flagsOf({ given, format, io }: Call): readonly string[] {
  const config = given.value("config");
  if ((config ?? io.environment.flags.config) === "-") {
    throw new RiptideError("usage", "a daemon in the background cannot read its configuration from stdin", {
      hint: "riptide daemon start --config PATH",
    });
  }
  const socket = given.value("socket");
  return [
    ...(config === undefined ? [] : ["--config", resolve(io.cwd, config)]),
    ...(socket === undefined ? [] : ["--socket", resolve(io.cwd, socket)]),
    ...given.values("set").flatMap((set) => ["--set", set]),
    ...(format === "json" ? ["--json"] : []),
  ];
}

/** Waits for the line that says it is ready, or for its end. */
export async function watchStart({ io }: Call, child: ChildProcess, waitMs: number): Promise<StartEnd> {
  const said = { stdout: "", stderr: "" };
  const end = await new Promise<StartEnd>((settle, fail) => {
    const cancel = io.clock.timer(waitMs, () => settle({ kind: "late" }));
    const done = (end: StartEnd) => {
      cancel();
      settle(end);
    };
    io.signal.addEventListener("abort", () => {
      cancel();
      fail(io.signal.reason);
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said.stdout += text;
      if (said.stdout.includes('"riptide.ready/1"')) done({ kind: "ready" });
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said.stderr += text;
    });
    child.once("error", (cause) => {
      cancel();
      fail(new RiptideError("write_failed", `the daemon could not be started: ${cause.message}`, { cause }));
    });
    child.once("close", (code) => done({ kind: "ended", exit: code ?? 1, ...said }));
  });
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
  return end;
}
