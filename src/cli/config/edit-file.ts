import { open, readFile, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { type Edit, editYaml, treeOf } from "../../config/edit.ts";
import { checkEdit } from "../../config/edit-check.ts";
import { locateConfig } from "../../config/locate.ts";
import { decodeText } from "../../config/source.ts";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { unifiedDiff } from "../../output/diff.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Call } from "../command.ts";
import { pluginsFor } from "../configured.ts";
import { printDocument, printText } from "../print.ts";
import { replaceFile } from "./place-file.ts";

/** What an edit does to the file, and how it is told. */
export interface EditPlan {
  readonly edits: (tree: JsonObject) => readonly Edit[];
  /** What is so afterwards, such as `acme may spend $50.00 per month`. */
  readonly said: string;
}

/**
 * Edits providers.yaml: what the plan does not name stays byte for byte, and a result that could not be loaded is
 * not written. With `--dry-run` the difference is printed and nothing is written.
 * @throws RiptideError `config_not_found`, `config_invalid`, `write_failed`, and what the plan throws
 */
export async function editConfigFile(call: Call, { edits, said }: EditPlan): Promise<number> {
  const { io, given } = call;
  const { path, shown } = await fileOf(call);
  const file = await readWhole(path, shown);
  const text = decodeText(file.bytes, shown);
  const next = editYaml(text, edits(treeOf(text, shown)), shown);
  const changed = next !== text;
  const isDry = given.has("dry-run");
  if (changed) {
    const types = { registry: createRegistry(), loadPlugins: pluginsFor(io), folder: dirname(path) };
    await checkEdit(text, next, { ...io, ...types, shown, onSecret: io.redactor.add });
    if (!isDry) await write(file, withMark(file.bytes, next), shown);
  }
  const diff = io.redactor.redact(unifiedDiff(text, next, shown));
  const outcome = changed ? said : `nothing to change: ${said}`;
  if (call.format === "json") {
    const facts = { schema: "riptide.edit/1", path, changed, dry_run: isDry, diff };
    await printDocument(call, facts);
  } else {
    await printText(call, isDry && changed ? diff : `${outcome} (${shown})\n`);
  }
  return 0;
}

async function fileOf({ io, given }: Call): Promise<{ readonly path: string; readonly shown: string }> {
  if (given.has("set")) {
    throw new RiptideError("usage", "--set changes one call, and this command changes the file");
  }
  const located = await locateConfig(given.value("config"), io.environment, io.cwd);
  if (located.kind === "file") return located;
  if (located.kind === "stdin") {
    throw new RiptideError("usage", "a configuration on stdin cannot be edited", {
      hint: "name the file: --config providers.yaml",
    });
  }
  throw new RiptideError("config_not_found", "there is no configuration file to edit", {
    reasons: [
      "providers found in the environment have no budgets or tenants",
      ...(located.ignored ? ["./providers.yaml exists but is not used unless named"] : []),
    ],
    hint: located.ignored
      ? "riptide --config ./providers.yaml …   or   riptide config init"
      : "riptide config init",
  });
}

interface WholeFile {
  /** Behind every link. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function readWhole(path: string, shown: string): Promise<WholeFile> {
  try {
    const target = await realpath(path);
    const handle = await open(target, "r");
    try {
      const facts = await handle.stat();
      const { mode, uid, gid } = facts;
      if (!facts.isFile())
        throw new RiptideError("usage", `${shown} is not a regular file and cannot be edited`);
      return { path: target, bytes: await handle.readFile(), mode: mode & 0o7777, uid, gid };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw cannot("read", shown, thrown);
  }
}

/** A byte order mark is not part of the text, and stays. */
function withMark(bytes: Uint8Array, text: string): Uint8Array {
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return Buffer.from(isMarked ? `\ufeff${text}` : text);
}

/**
 * The temporary name is the same for every process, so only one of them is between its last look and its rename;
 * another's edit is seen by the look.
 */
async function write(file: WholeFile, content: Uint8Array, shown: string): Promise<void> {
  const temporary = `${file.path}.edit`;
  try {
    await replaceFile(file.path, content, {
      temporary,
      mode: file.mode,
      owner: isOwn(file) ? undefined : file,
      lastLook: async () => {
        if (Buffer.compare(await readFile(file.path), file.bytes) === 0) return;
        throw new RiptideError("write_failed", `${shown} was changed meanwhile and is left as it is now`, {
          hint: "run the command again",
        });
      },
    });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw cannot("write", shown, thrown);
    throw new RiptideError("write_failed", `another edit of ${shown} is under way`, {
      reasons: [`it holds ${temporary}`],
      hint: "run the command again; if no riptide is running, remove that file first",
    });
  }
}

const isOwn = ({ uid, gid }: WholeFile): boolean => uid === process.getuid?.() && gid === process.getgid?.();

function cannot(what: "read" | "write", shown: string, cause: unknown): RiptideError {
  if (cause instanceof RiptideError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  return new RiptideError("write_failed", `cannot ${what} ${shown}: ${said}`, { cause });
}
