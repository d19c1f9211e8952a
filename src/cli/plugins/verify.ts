import { statSync } from "node:fs";
import { resolve } from "node:path";
import { asJson } from "../../config/json-schema.ts";
import { formatDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import { oneLine } from "../../output/sanitise.ts";
import type { LoadedPlugin } from "../../providers/plugins-load.ts";
import { loadPlugin } from "../../providers/plugins-load.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printText } from "../print.ts";
import { readContracts } from "./contracts.ts";
import { pluginDocument } from "./list.ts";
import { type CaseResult, runContract } from "./run-contract.ts";
import { SILENCE_MS, watchExit, watchLoops } from "./watchdog.ts";

interface Verified {
  readonly name: string;
  readonly results: readonly CaseResult[];
}

/** `riptide plugins verify PATH`: exit 0 where every case passes, 1 where one fails, 12 where there was none to run. */
export const run: Run = async (call) => {
  const silence = `has not given control back for ${formatDuration(SILENCE_MS)}`;
  const stopLoops = await watchLoops(call.io.clock, faultText(call, silence));
  const stopExit = watchExit(faultText(call, "has ended the process"));
  try {
    return await verify(call);
  } finally {
    stopLoops();
    stopExit();
  }
};

const faultText = ({ given }: Call, fault: string): string =>
  `error[config_invalid]: ${oneLine(given.words[0] ?? "")}: its code ${fault}\n`;

async function verify(call: Call): Promise<number> {
  const plugin = await pluginAt(call);
  createRegistry([plugin.plugin]);
  for (const { options } of Object.values(plugin.plugin.types)) asJson(await options());
  const verified: Verified[] = [];
  for (const contract of await readContracts(plugin.folder, call.io.clock)) {
    verified.push({ name: contract.name, results: await runContract(contract, call.io.signal) });
  }
  const failed = verified.flatMap(({ results }) => results).filter(({ status }) => status === "fail").length;
  if (call.format === "json") await printDocument(call, documentOf(plugin, verified, failed));
  else await printText(call, textOf(call, plugin, verified));
  if (verified.length === 0) return 12;
  return failed > 0 ? 1 : 0;
}

/** A path of the current folder, or the name of a package around it. */
async function pluginAt({ given, io }: Call): Promise<LoadedPlugin> {
  const [path] = given.words;
  if (path === undefined) {
    throw new RiptideError("usage", "which plugin?", { hint: "riptide plugins verify PATH" });
  }
  const absolute = resolve(io.cwd, path);
  const isThere = statSync(absolute, { throwIfNoEntry: false }) !== undefined;
  const { cwd: folder, clock } = io;
  return loadPlugin(isThere || /^[./]/.test(path) ? absolute : path, { folder, clock });
}

function documentOf(plugin: LoadedPlugin, verified: readonly Verified[], failed: number) {
  return {
    schema: "riptide.plugin_check/1",
    ok: failed === 0 && verified.length > 0,
    plugin: pluginDocument(plugin),
    contracts: verified.map(({ name, results }) => ({ name, ...countsOf(results), cases: results })),
  };
}

function countsOf(results: readonly CaseResult[]) {
  const count = (status: CaseResult["status"]) => results.filter((result) => result.status === status).length;
  return { passed: count("pass"), failed: count("fail"), skipped: count("skip") };
}

function textOf({ given }: Call, plugin: LoadedPlugin, verified: readonly Verified[]): string {
  const head = `${plugin.name} ${plugin.version ?? "(no version)"}: ${Object.keys(plugin.plugin.types).join(", ")}`;
  const lines = verified.flatMap(({ name, results }) => {
    const { passed, failed, skipped } = countsOf(results);
    const told = results.filter(({ status }) => status === "fail" || given.has("all"));
    return [
      `${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`,
      ...told.map(({ status, name: title, message }) => {
        const why = message === null ? "" : `: ${oneLine(message)}`;
        return `  ${status}  ${title}${why}`;
      }),
    ];
  });
  const none = [
    `the contract suite was not run: ${plugin.folder} has no contract.js (riptide plugins new …)`,
  ];
  return `${[head, ...(verified.length > 0 ? lines : none)].join("\n")}\n`;
}
