import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { initTemplate } from "../../config/template.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Call, Run } from "../command.ts";
import { printDocument } from "../print.ts";

const DEFAULT_TYPES = "openai,anthropic,ollama";

/** `riptide config init`: a commented first file that only its owner can read. */
export const run: Run = async (call) => {
  const { io, given, format } = call;
  const text = initTemplate(
    (given.value("providers") ?? DEFAULT_TYPES).split(",").map((type) => type.trim()),
  );
  if (given.has("print")) {
    await io.stdout.write(text);
    return 0;
  }
  const named = given.value("config") ?? io.environment.flags.config;
  const path = named === undefined ? io.environment.userConfig : resolve(io.cwd, named);
  const result = await place(path, text, given.has("force"));
  if (format === "json") await printDocument(call, { schema: "riptide.config_init/1", path, result });
  else await io.stdout.write(`${result === "unchanged" ? "already there" : "wrote"}: ${path}\n`);
  await hint(call, path);
  return 0;
};

/** Never half a file, and never over one that says something else unless forced (F-4). */
async function place(path: string, text: string, force: boolean): Promise<"written" | "unchanged"> {
  const existing = await readFile(path, "utf8").catch(() => undefined);
  if (existing === text) return "unchanged";
  if (existing !== undefined && !force) {
    throw new RiptideError("already_exists", `${path} exists and says something else`, {
      hint: "riptide config init --print   or, to replace it, --force",
    });
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = `${path}.${process.pid}.new`;
    const handle = await open(temporary, "wx", 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await chmod(temporary, 0o600);
    await rename(temporary, path);
    return "written";
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RiptideError("write_failed", `cannot write ${path}: ${said}`, { cause });
  }
}

async function hint({ io, given }: Call, path: string): Promise<void> {
  if (given.has("quiet") || path === io.environment.userConfig) return;
  await io.stderr.write(`note: it is used where it is named: riptide --config ${path} …\n`);
}
