import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type OutputAsset, type OutputChunk } from "rolldown";
import { program, root } from "../../.ci/program.ts";
import type { RunOptions, RunResult } from "../helpers/run-cli.ts";

const RECORDER = pathToFileURL(resolve(import.meta.dirname, "fixtures/record-modules.ts"));

/** What one call loaded. */
export interface Loaded {
  /** Packages that came in a chunk, sorted. */
  readonly packages: readonly string[];
  /** Our own source files that came in a chunk, below `src/`. */
  readonly sources: readonly string[];
  readonly chunks: readonly string[];
  /** Built-in modules, as Node's own list names them. */
  readonly builtins: readonly string[];
}

/** The command line built afresh, whose calls say what they load. */
export interface Product {
  /** Runs a command by `run` and records it; the command has to end with 0. */
  record(run: (options: RunOptions) => Promise<RunResult>): Promise<Loaded>;
  remove(): Promise<void>;
}

export async function buildProduct(): Promise<Product> {
  const folder = await mkdtemp(join(tmpdir(), "riptide-product-"));
  const launcher = join(folder, "bin/riptide.js");
  await mkdir(join(folder, "bin"));
  for (const file of ["bin/riptide.js", "package.json"]) await copyFile(join(root, file), join(folder, file));
  const { output } = await build({ ...program, output: { ...program.output, dir: join(folder, "dist") } });
  const contents = new Map(output.map((chunk) => [chunk.fileName, contentsOf(chunk)]));
  const recordTo = join(folder, "record.json");
  return {
    async record(run) {
      const env = { NODE_OPTIONS: `--import=${RECORDER}`, RECORD_TO: recordTo };
      const { code, stderr } = await run({ program: launcher, env });
      if (code !== 0) throw new Error(`the call ended with ${code}: ${stderr}`);
      const { files, builtins } = JSON.parse(await readFile(recordTo, "utf8"));
      const names: string[] = files.map((url: string) => basename(url));
      const chunks = names.filter((name) => contents.has(name));
      const modules = chunks.flatMap((name) => contents.get(name) ?? []);
      return {
        chunks,
        builtins,
        packages: [...new Set(modules.flatMap(packageOf))].sort(),
        sources: modules.flatMap((module) => module.split("/src/", 2)[1] ?? []).sort(),
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The modules of a chunk that left something in it. */
const contentsOf = (chunk: OutputAsset | OutputChunk): readonly string[] =>
  chunk.type === "chunk"
    ? Object.entries(chunk.modules).flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? [id] : []))
    : [];

const packageOf = (module: string) =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(module)?.[1] ?? [];
