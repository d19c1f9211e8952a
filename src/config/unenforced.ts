import type { Config } from "./config.ts";

/**
 * What a configuration asks for that this version reads and checks but does not carry out. Nobody should rely on a
 * limit that is not there.
 */
export function unenforced({ plugins }: Config): readonly string[] {
  return plugins.length > 0 ? ["plugins"] : [];
}
