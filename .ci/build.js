// Bundles the command line into lazy chunks and the library into one module, and lists what was bundled.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { manPage } from "./man.ts";
import { manifest, program, root } from "./program.ts";

const { output } = await build(program);
await build({
  cwd: root,
  input: { index: "src/index.ts", testing: "src/testing/index.ts" },
  platform: "node",
  external: [...program.external, ...Object.keys(manifest.dependencies)],
  transform: program.transform,
  output: { dir: "dist", format: "esm", chunkFileNames: "library/[name]-[hash].js" },
});
writeFileSync(join(root, "dist/THIRD-PARTY.txt"), thirdParty(output));
writeFileSync(join(root, "dist/riptide.1"), manPage(manifest.version));

/** Every bundled package with its version, licence and licence text. */
function thirdParty(output) {
  const folders = new Set(output.flatMap((chunk) => Object.keys(chunk.modules ?? {})).map(packageFolder));
  folders.delete(undefined);
  return [...folders].sort().map(notice).join("\n");
}

function packageFolder(module) {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module);
  return match?.[1];
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `${name} ${version} (${license})\n${"-".repeat(60)}\n${text || license}\n`;
}
