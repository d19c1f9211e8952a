import type { Config } from "./config.ts";

/**
 * What a configuration asks for that this version reads and checks but does not carry out. Nobody should rely on a
 * limit that is not there.
 */
export function unenforced(config: Config): readonly string[] {
  const { providers, aliases, plugins } = config;
  const found: readonly (readonly [boolean, string])[] = [
    [providers.some(({ maxConcurrent }) => maxConcurrent !== undefined), "max_concurrent"],
    [Object.values(aliases).some(({ strategy }) => strategy !== "sequential"), "strategy"],
    [plugins.length > 0, "plugins"],
  ];
  return found.filter(([asked]) => asked).map(([, name]) => name);
}
