import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { anthropic } from "./anthropic/plugin.ts";
import { azureOpenAi } from "./azure/plugin.ts";
import { bedrock } from "./bedrock/plugin.ts";
import { mock } from "./mock/plugin.ts";
import { ollama } from "./ollama/plugin.ts";
import { openAi, openAiCompatible } from "./openai/plugin.ts";
import type { Plugin, ProviderType } from "./plugin.ts";
import { vertex } from "./vertex/plugin.ts";

/** The provider types that come with RipTide, declared like any outside module's. */
const builtIn: readonly Plugin[] = [
  openAi,
  anthropic,
  azureOpenAi,
  bedrock,
  vertex,
  ollama,
  openAiCompatible,
  mock,
];

/** Provider types by name and alias. */
export interface Registry {
  readonly names: readonly string[];
  /** The type of that name or alias, with its proper name. */
  find(name: string): { readonly name: string; readonly type: ProviderType } | undefined;
  /** The known name nearest to a mistyped one. */
  suggest(name: string): string | undefined;
}

/**
 * The built-in types and those of further plugins.
 * @param own Types of the program around the library: they take the place of others with their name.
 * @throws RiptideError `config_invalid` where two declare the same name
 */
export function createRegistry(
  plugins: readonly Plugin[] = [],
  own: Readonly<Record<string, ProviderType>> = {},
): Registry {
  const types = new Map<string, ProviderType>();
  const aliases = new Map<string, string>();
  for (const [name, type] of [...builtIn, ...plugins].flatMap((plugin) => Object.entries(plugin.types))) {
    for (const taken of [name, ...(type.aliases ?? [])]) {
      if (types.has(taken) || aliases.has(taken)) throw collision(taken);
    }
    types.set(name, type);
    for (const alias of type.aliases ?? []) aliases.set(alias, name);
  }
  for (const [name, type] of Object.entries(own)) types.set(name, type);
  return {
    names: [...types.keys()],
    find(asked) {
      const name = types.has(asked) ? asked : (aliases.get(asked) ?? asked);
      const type = types.get(name);
      return type && { name, type };
    },
    suggest: (asked) => nearest(asked, [...types.keys(), ...aliases.keys()]),
  };
}

const collision = (name: string) =>
  new RiptideError("config_invalid", `there is a provider type ${name} already`);
