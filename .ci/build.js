// Bundles the command line into lazy chunks and the library into one module, and lists what was bundled.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const optional = Object.keys(manifest.peerDependencies);
const define = { "process.env.NODE_ENV": '"production"', RIPTIDE_VERSION: JSON.stringify(manifest.version) };

const program = await build({
  cwd: root,
  input: { main: "src/cli/main.ts" },
  platform: "node",
  external: optional,
  transform: { define },
  output: { dir: "dist", cleanDir: true, format: "esm", minify: true },
});
await build({
  cwd: root,
  input: { index: "src/index.ts" },
  platform: "node",
  external: [...optional, ...Object.keys(manifest.dependencies)],
  transform: { define },
  output: { dir: "dist", format: "esm", chunkFileNames: "library/[name]-[hash].js" },
});
writeFileSync(join(root, "dist/THIRD-PARTY.txt"), thirdParty(program.output));

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
