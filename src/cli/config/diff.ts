import { valuesByKey } from "../../config/show.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { contact, controlDocument } from "../client/control.ts";
import { isObject } from "../client/hello.ts";
import type { Call, Run } from "../command.ts";
import { loadFor } from "../configured.ts";
import { parseFlags } from "../flags.ts";
import { GLOBAL_FLAGS } from "../global-flags.ts";
import { printDocument, printTable } from "../print.ts";
import { shownConfig } from "./shown.ts";

/** A key whose value is not the same on both sides; null where a side has none. */
interface Difference {
  readonly key: string;
  readonly a: Json;
  readonly b: Json;
}

/**
 * `riptide config diff [A] [B | --running]`: what two configurations say differently, defaults included, so that a
 * default that is written down is no difference. With one file, or none, the other side is the configuration in use.
 */
export const run: Run = async (call) => {
  const { given, format } = call;
  const { a, b } = await sidesOf(call);
  const differences = differencesOf(a, b);
  if (format === "json") await printDocument(call, { schema: "riptide.config_diff/1", differences });
  else if (differences.length > 0) {
    const rows = differences.map((each) => [each.key, JSON.stringify(each.a), JSON.stringify(each.b)]);
    await printTable(call, [{ head: "key" }, { head: "a" }, { head: "b" }], rows);
  }
  return differences.length > 0 && given.has("exit-code") ? 1 : 0;
};

/** @throws RiptideError `usage`, and whatever keeps a side from being read */
async function sidesOf(call: Call): Promise<{ readonly a: JsonObject; readonly b: JsonObject }> {
  const [first, second] = call.given.words;
  if (call.given.has("running")) {
    if (second !== undefined) throw new RiptideError("usage", "--running stands in place of a second file");
    return { a: await treeOf(call, first), b: await runningTree(call) };
  }
  if (first === undefined) {
    throw new RiptideError("usage", "which configurations?", { hint: "riptide config diff --running" });
  }
  return second === undefined
    ? { a: await treeOf(call, undefined), b: await treeOf(call, first) }
    : { a: await treeOf(call, first), b: await treeOf(call, second) };
}

/** @param path Of the file; undefined for the configuration in use. */
async function treeOf({ io, given }: Call, path: string | undefined): Promise<JsonObject> {
  const named = path === undefined ? given : parseFlags(GLOBAL_FLAGS, ["--config", path]);
  return (await shownConfig(await loadFor({ io, given: named }, { useCache: false }))).tree;
}

async function runningTree(call: Call): Promise<JsonObject> {
  const reached = await contact(call);
  const { config } = await controlDocument(call, reached, { method: "GET", path: "/riptide/v1/config" });
  if (isObject(config)) return config;
  throw new RiptideError("protocol_mismatch", "the daemon does not tell its configuration", {
    hint: "riptide daemon restart",
  });
}

function differencesOf(a: JsonObject, b: JsonObject): readonly Difference[] {
  const [ofA, ofB] = [valuesByKey(a), valuesByKey(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])].flatMap((key) => {
    const difference = { key, a: ofA.get(key) ?? null, b: ofB.get(key) ?? null };
    return JSON.stringify(difference.a) === JSON.stringify(difference.b) ? [] : [difference];
  });
}
