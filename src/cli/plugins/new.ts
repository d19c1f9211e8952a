import { mkdir, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { RiptideError } from "../../core/errors.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printText } from "../print.ts";
import { skeleton } from "./skeleton/skeleton.ts";

const PREFIX = "riptide-provider-";
const NAME = /^[a-z][a-z0-9-]{0,40}$/;

/** `riptide plugins new NAME`: a folder of that name with a plugin that works. */
export const run: Run = async (call) => {
  const { io, given } = call;
  const [name] = given.words;
  const type = basename(name ?? "").replace(PREFIX, "");
  if (name === undefined || !NAME.test(type)) {
    throw new RiptideError("usage", "plugins new wants a name: lower-case letters, digits and -", {
      hint: "riptide plugins new acme",
    });
  }
  const folder = resolve(io.cwd, name);
  const files = skeleton(type, `${PREFIX}${type}`);
  await make(folder, name);
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text, { flag: "wx" });
  await tell(call, { name, folder, type, files: Object.keys(files) });
  return 0;
};

async function make(folder: string, name: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (isThere) throw new RiptideError("already_exists", `${name} is there already`, { cause });
    throw new RiptideError("write_failed", `cannot make the folder ${name}`, { cause });
  }
}

interface Made {
  readonly name: string;
  readonly folder: string;
  readonly type: string;
  readonly files: readonly string[];
}

async function tell(call: Call, { name, folder, type, files }: Made): Promise<void> {
  if (call.format === "json") {
    return printDocument(call, { schema: "riptide.plugin_new/1", path: folder, type, files });
  }
  const lines = [
    `wrote ${name}: ${files.join(", ")}`,
    `check it:  riptide plugins verify ./${name}`,
    `use it:    plugins: [{ module: ${folder} }]   in providers.yaml, and a provider of type ${type}`,
  ];
  return printText(call, `${lines.join("\n")}\n`);
}
