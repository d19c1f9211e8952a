import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { RiptideError } from "../core/errors.ts";
import type { Environment } from "./environment.ts";

/** What a person chose and wants to find again; nothing in it changes what a request does. */
export interface Preferences {
  readonly dashboard?: Readonly<Record<string, string | number>>;
}

/** Where they are kept: beside the user's configuration. */
const preferencesPath = ({ userConfig }: Pick<Environment, "userConfig">): string =>
  join(dirname(userConfig), "preferences.json");

/** What was kept; nothing where the file is missing or cannot be used, since it is only about comfort. */
export function readPreferences(environment: Pick<Environment, "userConfig">): Preferences {
  try {
    const found: unknown = JSON.parse(readFileSync(preferencesPath(environment), "utf8"));
    const { dashboard } = (found ?? {}) as { readonly dashboard?: unknown }; // Anything may stand in the file.
    if (typeof dashboard !== "object" || dashboard === null) return {};
    const kept = Object.entries(dashboard).filter(
      ([, value]) => typeof value === "string" || typeof value === "number",
    );
    return { dashboard: Object.fromEntries(kept) };
  } catch {
    return {};
  }
}

/**
 * Keeps the choices of the dashboard. A file that cannot be read is moved aside.
 * @returns The path of the file.
 * @throws RiptideError `write_failed` for a link in its place, and what the disk refuses
 */
export async function keepDashboard(
  environment: Pick<Environment, "userConfig">,
  dashboard: NonNullable<Preferences["dashboard"]>,
): Promise<string> {
  const path = preferencesPath(environment);
  try {
    prepare(path);
    const { default: Conf } = await import("conf");
    const conf = new Conf({
      cwd: dirname(path),
      configName: "preferences",
      configFileMode: OWNER_ONLY,
      clearInvalidConfig: false,
    });
    conf.set("dashboard", dashboard);
    chmodSync(path, OWNER_ONLY);
    return path;
  } catch (cause) {
    if (cause instanceof RiptideError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RiptideError("write_failed", `cannot keep preferences in ${path}: ${reason}`, { cause });
  }
}

const OWNER_ONLY = 0o600;

/** The package follows links, makes folders anybody may read, and fails on a file that is no JSON. */
function prepare(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isFile()) {
    throw new RiptideError("write_failed", `${path} is no regular file, so nothing is kept there`);
  }
  if (!isJsonObject(readFileSync(path, "utf8"))) renameSync(path, `${path}.broken`);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
