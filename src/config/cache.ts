import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../store/folder.ts";
import type { Draft } from "./draft.ts";

/** Raised when the shape of what is kept changes within one version of the program. */
const FORMAT = 1;

/** Checked configurations on disk, so that a plain call need not load the parser and the schemas. */
export interface DraftCache {
  /** What was kept for this name, if it was kept for this very identity. */
  read(name: string, identity: string): Promise<Draft | undefined>;
  /** Keeps a draft; a disk that cannot costs the next call some milliseconds and is no error. */
  write(name: string, identity: string, draft: Draft): Promise<void>;
}

/**
 * @param stateDir the folder whose `cache` folder is used.
 * @param version of the program; another version reads nothing of this one's.
 */
export function draftCache(stateDir: string, version: string): DraftCache {
  const folder = join(stateDir, "cache");
  const fileOf = (name: string) => join(folder, `config-${hash(name).slice(0, 32)}.json`);
  const keyOf = (identity: string) => hash(`${FORMAT}|${version}|${identity}`);
  return {
    async read(name, identity) {
      try {
        if (!(await isPrivateFolder(folder))) return undefined;
        const kept = JSON.parse(await readPrivate(fileOf(name)));
        return kept.key === keyOf(identity) ? kept.draft : undefined;
      } catch {
        return undefined; // Absent, foreign or damaged: the file itself is read instead.
      }
    },
    async write(name, identity, draft) {
      try {
        makeFolder(folder);
        if (!(await isPrivateFolder(folder))) return;
        await replaceFile(fileOf(name), JSON.stringify({ key: keyOf(identity), draft }));
      } catch {
        // A full or read-only disk: see above.
      }
    },
  };
}

export const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A folder of ours that nobody else may enter; what lies in another could have been put there. */
async function isPrivateFolder(path: string): Promise<boolean> {
  const facts = await lstat(path);
  return facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o077) === 0;
}

async function readPrivate(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const facts = await handle.stat();
    const trusted = facts.isFile() && facts.uid === process.getuid?.() && (facts.mode & 0o077) === 0;
    return trusted ? await handle.readFile("utf8") : "";
  } finally {
    await handle.close();
  }
}

/** Whole or not at all, also for readers at the same moment. It may be lost in a power cut, so nothing is synced. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(text).finally(() => handle.close());
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}
