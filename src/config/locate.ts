import { stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { RiptideError } from "../core/errors.ts";
import type { Environment } from "./environment.ts";

/** Which configuration a call uses. */
export type Located =
  | { readonly kind: "file"; readonly path: string; readonly shown: string }
  | { readonly kind: "stdin" }
  | {
      readonly kind: "none";
      /** `./providers.yaml` exists; it is not used unless it is named. */
      readonly ignored: boolean;
    };

/**
 * Finds the file: the flag, then RIPTIDE_CONFIG, then the user's own. One in the current folder is never used
 * unnamed: a cloned repository must not be able to send keys to a host of its choice.
 * @throws RiptideError `config_not_found` when a named file does not exist.
 */
export async function locateConfig(
  flag: string | undefined,
  environment: Environment,
  cwd: string,
): Promise<Located> {
  const named = flag ?? environment.flags.config;
  if (named === "") throw new RiptideError("usage", "--config names no file");
  if (named === "-") return { kind: "stdin" };
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (await exists(path)) return { kind: "file", path, shown: named };
    throw new RiptideError("config_not_found", `no configuration at ${named}`, {
      reasons: [flag === undefined ? "RIPTIDE_CONFIG names it" : "--config names it"],
      hint: "riptide config init",
    });
  }
  const path = environment.userConfig;
  if (await exists(path)) return { kind: "file", path, shown: shorten(path, environment.home) };
  return { kind: "none", ignored: await exists(join(cwd, "providers.yaml")) };
}

/** The files that are looked for without `--config`, as `riptide config path --all` lists them. */
export function searchedFiles(environment: Environment): readonly string[] {
  const { config } = environment.flags;
  return config === undefined ? [environment.userConfig] : [config, environment.userConfig];
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    // Anything else than an absent file is for the reader to report, not a reason to go on without it.
    const code = (thrown as NodeJS.ErrnoException).code;
    return code !== "ENOENT" && code !== "ENOTDIR";
  }
}

/** `~/.config/riptide/providers.yaml`. */
function shorten(path: string, home: string): string {
  const below = relative(home, path);
  return below === "" || below.startsWith("..") || isAbsolute(below) ? path : `~/${below}`;
}
