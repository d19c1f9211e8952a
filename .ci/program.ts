import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BuildOptions, OutputOptions } from "rolldown";

export const root = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}
export const manifest: Manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/**
 * `import` of a built-in module evaluates every export it has, also those Node loads lazily: node:util brings worker
 * threads, node:fs readline, node:crypto the web's cryptography. `getBuiltinModule` brings what is used.
 */
const leanBuiltins = {
  name: "lean-builtins",
  renderChunk: (code: string) =>
    code.replace(/^import (.+) from ("node:[\w/]+");$/gm, (_, names: string, module: string) => {
      // The module itself is its default export, and may be followed by a list of others.
      const [, whole, list = whole ?? names] = /^([\w$]+), (\{.+\})$/.exec(names) ?? [];
      const binding = list.replace("* as ", "").replaceAll(" as ", ": ");
      const first = whole ? `const ${whole} = globalThis.process.getBuiltinModule(${module}); ` : "";
      return `${first}const ${binding} = ${whole ?? `globalThis.process.getBuiltinModule(${module})`};`;
    }),
};

/** Few files open faster than many. Beyond these the bundler puts together what is used together. */
const groups = [
  { name: "start", tags: ["$initial" as const], priority: 4 },
  { name: "print", test: /\/src\/cli\/print\.ts$/, priority: 3 },
  { name: "answer", test: /\/src\/cli\/complete\/(complete|text|through-daemon)\.ts$/, priority: 3 },
  {
    name: "completion",
    test: /\/src\/(cli\/complete\/in-process|cli\/(session|configured)|library\/(generation|engine|ledger|ledger-stages)|wire\/sse|providers\/(failure|path-segment|read|repeated-text|tool-arguments|usage))\.ts$/,
    priority: 2,
  },
  {
    name: "credentials",
    test: /\/src\/wire\/(aws-(credentials|keys|metadata|profile|sdk-credentials)|credential-fetch|optional-package|renewing|secret-address|shared-flight|sigv4)\.ts$/,
    priority: 1,
  },
  { name: "openai", test: /\/src\/providers\/openai\/(adapter|flavours)\.ts$/, priority: 1 },
];

/** The command line as chunks: each command, provider and large package in its own, loaded when it is used. */
export const program = {
  cwd: root,
  input: { main: "src/cli/main.ts" },
  platform: "node",
  // Ink asks for the developer tools of React only where they are installed.
  external: [...Object.keys(manifest.peerDependencies), "react-devtools-core"],
  plugins: [leanBuiltins],
  transform: {
    define: { "process.env.NODE_ENV": '"production"', RIPTIDE_VERSION: JSON.stringify(manifest.version) },
  },
  output: { dir: "dist", cleanDir: true, format: "esm", minify: true, codeSplitting: { groups } },
} satisfies BuildOptions & { readonly output: OutputOptions };
