import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { RiptideError } from "../core/errors.ts";
import { isObject, textAt } from "./read.ts";

/** Where the module of a plugin stands, and what its package says of it. */
export interface Found {
  /** As the configuration names it. */
  readonly module: string;
  /** Of the package; the module's own words where there is none. */
  readonly name: string;
  readonly version: string | null;
  /** The file that is loaded. */
  readonly path: string;
  /** The folder of the package, or of the file where there is none. */
  readonly folder: string;
}

/**
 * Finds the file of a module, without running it.
 * @param module An absolute path of a file or of a package's folder, or the name of a package.
 * @param folder Where a package is looked for, with the folders above it, before the place RipTide is installed in.
 * @throws RiptideError `config_invalid` where there is none
 */
export function findModule(module: string, folder: string): Found {
  if (!isAbsolute(module)) return fromManifest(module, manifestOf(module, folder));
  const stat = statSync(module, { throwIfNoEntry: false });
  if (!stat) throw new RiptideError("config_invalid", `there is no file ${module}`);
  if (stat.isDirectory()) return fromManifest(module, join(module, "package.json"));
  const manifest = packageAround(module);
  if (manifest === undefined)
    return { module, name: module, version: null, path: module, folder: dirname(module) };
  return { module, ...said(module, manifest), path: module, folder: dirname(manifest) };
}

function fromManifest(module: string, manifest: string): Found {
  const folder = dirname(manifest);
  const path = join(folder, entryOf(readManifest(manifest)));
  if (!isFile(path)) throw new RiptideError("config_invalid", `${manifest} names ${path}, which is no file`);
  return { module, ...said(module, manifest), path, folder };
}

function said(module: string, manifest: string): Pick<Found, "name" | "version"> {
  const value = readManifest(manifest);
  return { name: textAt(value, "name") ?? module, version: textAt(value, "version") ?? null };
}

/** A package beside the configuration, or else beside this program. */
function manifestOf(name: string, folder: string): string {
  const bases = [pathToFileURL(join(folder, "providers.yaml")).href, import.meta.url];
  for (const base of bases) {
    const manifest = packageIn(name, base);
    if (manifest !== undefined) return manifest;
  }
  throw new RiptideError("config_invalid", `there is no package ${name} in ${folder}`, {
    hint: `cd ${folder} && npm install ${name}   or give the absolute path of its file`,
  });
}

function packageIn(name: string, base: string): string | undefined {
  const folders = createRequire(base).resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name, "package.json")).find(isFile);
}

/** The package a file belongs to, if it is in one. */
function packageAround(file: string): string | undefined {
  const folder = dirname(file);
  const manifest = join(folder, "package.json");
  if (isFile(manifest)) return manifest;
  const isTop = folder === file || basename(folder) === "node_modules";
  return isTop ? undefined : packageAround(folder);
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function readManifest(path: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isObject(value)) return value;
  } catch (cause) {
    throw new RiptideError("config_invalid", `${path} cannot be read as JSON`, { cause });
  }
  throw new RiptideError("config_invalid", `${path} is no description of a package`);
}

const CONDITIONS: ReadonlySet<string> = new Set(["node", "import", "module-sync", "default"]);

/** The file an `import` of the package loads (Node documentation, "Package entry points"). */
function entryOf(manifest: unknown): string {
  const exported = isObject(manifest) ? manifest.exports : undefined;
  const root = isObject(exported) && "." in exported ? exported["."] : exported;
  return targetOf(root) ?? textAt(manifest, "main") ?? "index.js";
}

function targetOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(targetOf).find((target) => target !== undefined);
  if (!isObject(value)) return undefined;
  return Object.entries(value)
    .filter(([condition]) => CONDITIONS.has(condition))
    .map(([, target]) => targetOf(target))
    .find((target) => target !== undefined);
}
