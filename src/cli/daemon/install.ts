import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { RiptideError } from "../../core/errors.ts";
import { daemonSocket } from "../client/control.ts";
import type { Call, Run } from "../command.ts";
import { launchdAgent, systemdService, systemdSocket, type UnitFacts } from "./units.ts";

/** One file of a service manager. */
interface Unit {
  readonly path: string;
  readonly text: string;
}

/** `riptide daemon install`: writes what starts the daemon with the session, or prints it. */
export const install: Run = async (call) => {
  const units = await unitsOf(call);
  const { io, given } = call;
  if (given.has("print")) {
    const isOne = units.length === 1;
    for (const { path, text } of units) await io.stdout.write(isOne ? text : `# ${path}\n${text}\n`);
    return 0;
  }
  for (const unit of units) place(unit);
  for (const { path } of units) await io.stdout.write(`${path}\n`);
  const [{ path = "" } = {}] = units;
  await io.stderr.write(`note: ${nextStep(call, path)}\n`);
  return 0;
};

/** `riptide daemon uninstall`: takes away what install wrote. */
export const uninstall: Run = async ({ io }) => {
  const { home } = io.environment;
  const there = [...systemdPaths(io.environment), launchdPath(home)].filter((path) => existsSync(path));
  for (const path of there) {
    change(path, () => rmSync(path));
    await io.stdout.write(`${path}\n`);
  }
  if (there.length === 0) await io.stderr.write("note: nothing was installed\n");
  else if (process.platform === "linux") await io.stderr.write("note: systemctl --user daemon-reload\n");
  return 0;
};

function nextStep({ given }: Call, path: string): string {
  if (process.platform === "darwin") return `launchctl bootstrap gui/$(id -u) ${path}`;
  const unit = given.has("socket-activated") ? "riptide.socket" : "riptide.service";
  return `systemctl --user daemon-reload && systemctl --user enable --now ${unit}`;
}

async function unitsOf(call: Call): Promise<readonly Unit[]> {
  const { io, given } = call;
  const facts = await factsOf(call);
  if (process.platform === "darwin") {
    if (facts.activated)
      throw new RiptideError("unsupported", "launchd starts the daemon without its socket");
    return [{ path: launchdPath(io.environment.home), text: launchdAgent(facts) }];
  }
  const [service, socket] = systemdPaths(io.environment);
  return [
    { path: service, text: systemdService(facts) },
    ...(given.has("socket-activated") ? [{ path: socket, text: systemdSocket(facts) }] : []),
  ];
}

async function factsOf(call: Call): Promise<UnitFacts> {
  const { io, given } = call;
  const { environment, cwd } = io;
  const config = given.value("config") ?? environment.flags.config;
  if (config === "-") throw new RiptideError("usage", "a service cannot read its configuration from stdin");
  const named = given.value("socket") ?? environment.flags.socket;
  const socket = await daemonSocket(call);
  const flags = [
    ...(config === undefined ? [] : ["--config", resolve(cwd, config)]),
    ...(named === undefined ? [] : ["--socket", socket]),
  ];
  return {
    node: process.execPath,
    launcher: resolve(cwd, process.argv[1] ?? ""),
    flags,
    writable: [environment.stateDir, dirname(socket)],
    socket,
    activated: given.has("socket-activated"),
  };
}

type Places = Pick<Call["io"]["environment"], "home" | "lookup">;

function systemdPaths({ home, lookup }: Places): readonly [service: string, socket: string] {
  const folder = join(lookup("XDG_CONFIG_HOME") ?? join(home, ".config"), "systemd/user");
  return [join(folder, "riptide.service"), join(folder, "riptide.socket")];
}

const launchdPath = (home: string) => join(home, "Library/LaunchAgents/riptide.plist");

/** A unit of somebody else's making stays. */
function place({ path, text }: Unit): void {
  change(path, () => {
    if (existsSync(path) && !/riptide/.test(readFileSync(path, "utf8"))) {
      throw new RiptideError("already_exists", `${path} exists and is not ours`);
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o644 });
  });
}

function change(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (cause instanceof RiptideError) throw cause;
    throw new RiptideError("write_failed", `cannot change ${path}`, { cause });
  }
}
