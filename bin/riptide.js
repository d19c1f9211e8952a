#!/usr/bin/env node
// Any Node that reads ES modules can run this file: it only decides which Node runs the program.

const WANTED = 24;
const program = new URL("../dist/main.js", import.meta.url);

if (Number.parseInt(process.versions.node, 10) < WANTED) {
  const { existsSync } = await import("node:fs");
  const { fileURLToPath } = await import("node:url");
  const name = process.platform === "win32" ? "node.exe" : "node";
  const pinned = fileURLToPath(new URL(`../node_modules/node/bin/${name}`, import.meta.url));
  if (existsSync(pinned) && process.env.RIPTIDE_RUNTIME !== "pinned") await handOver(pinned);
  else stop(`needs Node ${WANTED} or newer, this is Node ${process.versions.node}`);
} else if (!process.getBuiltinModule("node:fs").existsSync(program)) {
  stop("is not built; run: npm run build");
} else {
  const { main } = await import(program.href);
  process.exitCode = await main(process.argv.slice(2), process);
}

async function handOver(pinned) {
  const { spawn } = await import("node:child_process");
  const { constants } = await import("node:os");
  const child = spawn(pinned, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, RIPTIDE_RUNTIME: "pinned" },
  });
  // The terminal sends SIGINT to both processes; a signal sent to this one alone is passed on, once.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => stop(`cannot start ${pinned}: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

function stop(reason) {
  process.stderr.write(`error[runtime_too_old]: riptide ${reason}\n`);
  process.exitCode = 3;
}
