import { declaredModels } from "../../engine/generation.ts";
import { oneLine } from "../../output/sanitise.ts";
import { targetText } from "../../routing/target.ts";
import type { Call, Run } from "../command.ts";
import { loadFor } from "../configured.ts";
import { parseFlags } from "../flags.ts";
import { GLOBAL_FLAGS } from "../global-flags.ts";
import { candidatesFor, type NameKind } from "./candidates.ts";

/** `riptide __complete -- WORD…`: one candidate a line, then a tab and what it is; `:files` for names of files. */
export const run: Run = async (call) => {
  const { io, given, commands } = call;
  const offer = await candidatesFor(given.words, commands, (kind) => namesOf(kind, call));
  const lines = offer === "files" ? [":files"] : offer.map(({ value, text }) => `${value}\t${oneLine(text)}`);
  await io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return 0;
};

/** Names of the configuration that the words so far name; a line that is being typed is no place for errors. */
async function namesOf(kind: NameKind, { io, given }: Call): Promise<readonly string[]> {
  const config = configWords(given.words);
  try {
    const loaded = await loadFor({ io, given: parseFlags(GLOBAL_FLAGS, config) }, { isOffline: true });
    const { providers, aliases, tenants } = loaded.config;
    const shown = providers.filter(({ implicit, enabled }) => !implicit && enabled);
    if (kind === "providers") return shown.map(({ id }) => id);
    if (kind === "tenants") return [...new Set(["default", ...Object.keys(tenants.list)])];
    const declared = shown.flatMap((entry) => declaredModels(entry).map((model) => `${entry.id}/${model}`));
    const targets = Object.values(aliases).flatMap((alias) => alias.targets.map(targetText));
    return [...new Set([...Object.keys(aliases), ...declared, ...targets])];
  } catch {
    return [];
  }
}

/** The words that name a configuration. */
function configWords(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => word === "-C" || word === "--config");
  const path = words[at + 1];
  if (at >= 0 && path !== undefined && path !== "-") return ["--config", path];
  return words.filter((word) => /^--config=./.test(word) && word !== "--config=-");
}
