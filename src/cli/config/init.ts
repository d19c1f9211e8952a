import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { initTemplate } from "../../config/template.ts";
import { RiptideError } from "../../core/errors.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Call, Run } from "../command.ts";
import { printDocument } from "../print.ts";
import { canAsk } from "../question.ts";
import { placeFile } from "./place-file.ts";
import { askForConfig } from "./wizard.ts";

const DEFAULT_TYPES = "openai,anthropic,ollama";

/** `riptide config init`: a commented first file that only its owner can read; at a terminal by three questions. */
export const run: Run = async (call) => {
  const { io, given, format } = call;
  if (given.has("print")) {
    await io.stdout.write(templateOf(call));
    return 0;
  }
  const named = given.value("config") ?? io.environment.flags.config;
  if (named === "-" || named === "") {
    throw new RiptideError("usage", "config init writes a file, and --config names none", {
      hint: "riptide config init --print",
    });
  }
  const path = named === undefined ? io.environment.userConfig : resolve(io.cwd, named);
  const text = isAsking(call, path) ? await askForConfig(call, path) : templateOf(call);
  if (text === undefined) {
    await io.stderr.write("nothing was written\n");
    return 1;
  }
  const result = await placeFile(path, text, given.has("force"));
  if (format === "json") await printDocument(call, { schema: "riptide.config_init/1", path, result });
  else await io.stdout.write(`${result === "unchanged" ? "already there" : "wrote"}: ${path}\n`);
  await hint(call, path);
  return 0;
};

const templateOf = ({ given }: Call): string =>
  initTemplate(typesOf(given.value("providers") ?? DEFAULT_TYPES));

/** Not where the flags say it all, and not for a file that would be refused in the end. */
const isAsking = (call: Call, path: string): boolean =>
  canAsk(call) &&
  call.io.stdout.isTty &&
  call.format === "text" &&
  call.given.value("providers") === undefined &&
  (call.given.has("force") || !existsSync(path));

/** Proper names, each once: two entries of one name would be no valid file. */
function typesOf(text: string): readonly string[] {
  const registry = createRegistry();
  const words = text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
  if (words.length === 0) throw new RiptideError("usage", "--providers names no provider type");
  return [...new Set(words.map((word) => registry.find(word)?.name ?? word))];
}

async function hint({ io, given }: Call, path: string): Promise<void> {
  if (given.has("quiet") || path === io.environment.userConfig) return;
  await io.stderr.write(`note: it is used where it is named: riptide --config ${path} …\n`);
}
