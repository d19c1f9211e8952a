import type { Config } from "./config.ts";

/**
 * What a configuration asks for that this version reads and checks but does not carry out. Nobody should rely on a
 * limit that is not there.
 */
export function unenforced(config: Config): readonly string[] {
  return config.plugins.length > 0 ? ["plugins"] : [];
}
