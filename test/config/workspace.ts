import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, readEnvironment } from "../../src/config/environment.ts";
import { type LoadOptions, loadConfig } from "../../src/config/load.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { asRiptideError, type RiptideError } from "../../src/core/errors.ts";
import { createRegistry } from "../../src/providers/registry.ts";

/** A home and a current folder of its own, and the calls that load a configuration from there. */
export function workspace() {
  const home = mkdtempSync(join(tmpdir(), "riptide-config-"));
  const cwd = join(home, "here");
  mkdirSync(cwd);
  const environment = (env: NodeJS.ProcessEnv = {}): Environment => readEnvironment(env, home);
  const options = (env: NodeJS.ProcessEnv = {}, more: Partial<LoadOptions> = {}): LoadOptions => ({
    environment: environment(env),
    cwd,
    readStdin: async () => new Uint8Array(),
    registry: createRegistry(),
    installedModel: async () => undefined,
    clock: later,
    version: "1.0.0",
    ...more,
  });
  const write = (text: string, name = "providers.yaml") => {
    writeFileSync(join(cwd, name), text);
    return name;
  };
  return {
    home,
    cwd,
    environment,
    write,
    stateDir: join(home, ".local/state/riptide"),
    load: (env?: NodeJS.ProcessEnv, more?: Partial<LoadOptions>) => loadConfig(options(env, more)),
    /** Loads a text from a named file. */
    loadText: (text: string, env?: NodeJS.ProcessEnv, more?: Partial<LoadOptions>) =>
      loadConfig(options(env, { configFlag: write(text), ...more })),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** A minute on, so that a file just written counts as settled. */
const later: Clock = { ...systemClock, wall: () => systemClock.wall() + 60_000 };

/** The error a promise ends with. */
export async function errorOf(promise: Promise<unknown>): Promise<RiptideError> {
  try {
    await promise;
  } catch (thrown) {
    return asRiptideError(thrown);
  }
  throw new Error("nothing was thrown");
}
