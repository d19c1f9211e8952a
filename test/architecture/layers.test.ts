import { globSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCES = resolve(import.meta.dirname, "../../src");

/** Folders from low to high; one imports only lower rows, never a neighbour of its own row. */
const ROWS: readonly (readonly string[])[] = [
  ["core"],
  ["wire", "admission", "routing", "resilience", "health", "ledger"],
  ["providers", "store"],
  ["config"],
  ["engine"],
  ["output"],
  ["daemon", "tui", "library", "testing"],
  ["cli"],
];

/** The folders that may import a package; a package that is not listed belongs to nobody. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "@aws-sdk/credential-provider-node": ["wire"],
  "@azure/identity": ["wire"],
  "@pydantic/genai-prices": ["ledger"],
  ajv: ["engine"],
  "cli-table3": ["output"],
  commander: ["cli"],
  chokidar: ["config"],
  "eventsource-parser": ["wire"],
  "google-auth-library": ["wire"],
  "node:sqlite": ["store", "daemon"],
  pino: ["daemon"],
  // In the text of the plugins that `riptide plugins new` writes.
  riptide: ["cli"],
  "string-width": ["tui"],
  conf: ["config"],
  ink: ["tui"],
  react: ["tui"],
  undici: ["wire"],
  yaml: ["config"],
  zod: ["config", "daemon", "library", "providers"],
};

// Type-only and lazy imports count; the formatter gives every import this shape.
const IMPORT = /\bfrom "([^"]+)";|^import "([^"]+)";|\b(?:import|getBuiltinModule)\("([^"]+)"\)/gm;

interface Import {
  readonly file: string;
  readonly name: string;
}

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, from, bare, lazy]) => ({
    file,
    name: from ?? bare ?? lazy ?? "",
  }));
}

function complaint({ file, name }: Import): string | undefined {
  const folder = folderOf(file);
  if (folder === "index") return undefined;
  if (!name.startsWith(".")) {
    const owners = OWNERS[packageOf(name)] ?? (name.startsWith("node:") ? [folder] : []);
    return owners.includes(folder) ? undefined : `${file} imports ${name}, which belongs to [${owners}]`;
  }
  const target = folderOf(relative(SOURCES, resolve(SOURCES, dirname(file), name)));
  if (target === folder || (target !== "index" && rowOf(target) < rowOf(folder))) return undefined;
  return `${file} imports ${name}: ${folder} may not look at ${target}`;
}

const folderOf = (file: string) => file.split("/")[0]?.replace(/\.tsx?$/, "") ?? "";
const rowOf = (folder: string) => ROWS.findIndex((row) => row.includes(folder));
const packageOf = (name: string) =>
  name.startsWith("node:") ? name : name.split("/", name.startsWith("@") ? 2 : 1).join("/");

const files = globSync("**/*.{ts,tsx}", { cwd: SOURCES });
const all = files.flatMap((file) => importsOf(file, readFileSync(resolve(SOURCES, file), "utf8")));

describe("layers", () => {
  it("lets every folder import only what lies below it, and packages it owns", () => {
    expect(all.map(complaint).filter(Boolean)).toEqual([]);
  });

  it("has a row for every folder and has seen several", () => {
    const folders = new Set(files.filter((file) => file.includes("/")).map(folderOf));
    expect([...folders].filter((folder) => rowOf(folder) < 0)).toEqual([]);
    expect(folders.size).toBeGreaterThan(4);
    expect(all.length).toBeGreaterThan(50);
  });

  it.each([
    ["core/x.ts", 'import { y } from "../engine/y.ts";', "core may not look at engine"],
    ["wire/x.ts", 'import type { y } from "../routing/y.ts";', "wire may not look at routing"],
    ["engine/x.ts", 'const y = await import("undici");', "undici, which belongs to [wire]"],
    [
      "cli/x.ts",
      'import { DatabaseSync } from "node:sqlite";',
      "node:sqlite, which belongs to [store,daemon]",
    ],
    ["core/x.ts", 'import left from "left-pad";', "left-pad, which belongs to []"],
    ["cli/x.ts", 'import { y } from "../index.ts";', "cli may not look at index"],
  ])("names a planted violation in %s", (file, text, expected) => {
    expect(importsOf(file, text).map(complaint).join()).toContain(expected);
  });
});
