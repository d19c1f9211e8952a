import { realpath, stat } from "node:fs/promises";

/**
 * What stands at a path now: the file behind all links, and everything that changes when it is replaced, written or
 * given other permissions. What cannot be looked at is told apart by why.
 */
export async function lookAt(path: string): Promise<string> {
  try {
    const realPath = await realpath(path);
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(realPath, { bigint: true });
    return [realPath, dev, ino, size, mtimeNs, ctimeNs].join("|");
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? "unknown";
  }
}
