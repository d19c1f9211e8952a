import { VIEWS } from "../../tui/state.ts";
import type { Command } from "../command.ts";
import type { Flag } from "../flags.ts";
import { GLOBAL_FLAGS } from "../global-flags.ts";

/** What may stand in place of the word under the cursor. */
export interface Candidate {
  readonly value: string;
  readonly text: string;
}

/** Names that only the configuration knows. */
export type NameKind = "models" | "providers" | "tenants";

/** Candidates, or that the shell's own names of files are wanted. */
export type Offer = readonly Candidate[] | "files";

/**
 * What the command line offers after these words, of which the last is being typed and may be empty.
 * @param namesOf Reads names of the configuration; none where it cannot be read.
 */
export async function candidatesFor(
  words: readonly string[],
  commands: readonly Command[],
  namesOf: (kind: NameKind) => Promise<readonly string[]>,
): Promise<Offer> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const place = placeOf(before, commands);
  const flags = [...GLOBAL_FLAGS, ...(place.command?.flags ?? [])].filter(({ later }) => later === undefined);
  const offer = async (kind: Kind): Promise<Offer> => {
    if (kind === "files") return "files";
    return typeof kind === "string" ? (await namesOf(kind)).map(bare) : kind;
  };
  if (place.pending) return matching(await offer(valuesOf(place.pending, place.command)), current);
  const inline = /^--([\w-]+)=/.exec(current);
  const flag = inline && flags.find(({ name, value }) => value !== undefined && name === inline[1]);
  if (inline && flag) {
    const found = await offer(valuesOf(flag, place.command));
    return found === "files" ? found : matching(found.map(prefixed(inline[0])), current);
  }
  if (current.startsWith("-") && !place.isAfterDashes) return matching(flagsLeft(flags, before), current);
  if (place.command) return matching(await offer(argumentsOf(place.command, commands)), current);
  return matching(wordsOf(place.group, commands), current);
}

type Kind = NameKind | "files" | readonly Candidate[];

interface Place {
  readonly command: Command | undefined;
  /** The group whose verb is still to come. */
  readonly group: string | undefined;
  /** The flag whose value comes next. */
  readonly pending: Flag | undefined;
  readonly isAfterDashes: boolean;
}

/** Where the words before the cursor lead to. */
function placeOf(before: readonly string[], commands: readonly Command[]): Place {
  const dashes = before.indexOf("--");
  const isAfterDashes = dashes >= 0;
  const words = isAfterDashes ? before.slice(0, dashes) : before;
  const start: Place = { command: undefined, group: undefined, pending: undefined, isAfterDashes };
  const place = words.reduce((at, word) => stepOver(word, at, commands), start);
  return isAfterDashes ? { ...place, pending: undefined } : place;
}

function stepOver(word: string, place: Place, commands: readonly Command[]): Place {
  const { command, group, pending } = place;
  if (pending) return { ...place, pending: undefined };
  if (word.startsWith("-") && word !== "-") {
    return { ...place, pending: awaiting(word, [...GLOBAL_FLAGS, ...flagsOf(command, group, commands)]) };
  }
  if (command) return place;
  const found = commandAt(word, group, commands);
  return { ...place, command: found, group: found ? group : (group ?? word) };
}

const flagsOf = (command: Command | undefined, group: string | undefined, commands: readonly Command[]) =>
  command ? command.flags : commands.filter(({ path }) => path[0] === group).flatMap(({ flags }) => flags);

/** The flag, where its value is the next word. */
const awaiting = (word: string, flags: readonly Flag[]): Flag | undefined =>
  flags.find(
    ({ name, short, value, optional }) =>
      value !== undefined && !optional && (word === `--${name}` || word === `-${short}`),
  );

function commandAt(
  word: string,
  group: string | undefined,
  commands: readonly Command[],
): Command | undefined {
  if (group !== undefined) return commands.find(({ path }) => path[0] === group && path[1] === word);
  return commands.find(
    ({ path, aliases }) => path.length === 1 && (path[0] === word || aliases?.includes(word) === true),
  );
}

/** The words that may follow: commands and groups, or the verbs of a group. */
function wordsOf(group: string | undefined, commands: readonly Command[]): readonly Candidate[] {
  const shown = commands.filter(({ isHidden }) => isHidden !== true);
  if (group !== undefined) {
    return shown
      .filter(({ path }) => path[0] === group)
      .map(({ path, summary }) => ({ value: path[1] ?? "", text: summary }));
  }
  const found = new Map<string, string>();
  for (const { path, summary } of shown) {
    const [first = ""] = path;
    if (!found.has(first)) found.set(first, path.length === 1 ? summary : `${verbsOf(first, shown)}`);
  }
  return [...found].map(([value, text]) => ({ value, text }));
}

const verbsOf = (group: string, commands: readonly Command[]): string =>
  commands.flatMap(({ path }) => (path[0] === group ? [path[1]] : [])).join(", ");

/** Flags by name, without those that stand there already. */
const flagsLeft = (flags: readonly Flag[], before: readonly string[]): readonly Candidate[] =>
  flags
    .filter(({ name, many }) => many === true || !before.some((word) => word.split("=")[0] === `--${name}`))
    .map(({ name, text }) => ({ value: `--${name}`, text }));

const BY_FLAG: Readonly<Record<string, NameKind>> = {
  model: "models",
  fallback: "models",
  provider: "providers",
  exclude: "providers",
  tenant: "tenants",
};

function valuesOf({ name, words, value = "" }: Flag, command: Command | undefined): Kind {
  if (words) return words.map(bare);
  if (name === "output") return ["text", ...(command?.formats ?? ["json"])].map(bare);
  if (Object.hasOwn(BY_FLAG, name)) return BY_FLAG[name] ?? [];
  return /PATH|FILE/.test(value) ? "files" : [];
}

/** What the arguments of a command are, by what its usage line calls them. */
function argumentsOf({ usage, path }: Command, commands: readonly Command[]): Kind {
  if (usage.includes("COMMAND")) return wordsOf(undefined, commands);
  if (/MODEL/.test(usage)) return "models";
  if (/PROVIDER/.test(usage) || (usage === "NAME" && path[0] === "providers")) return "providers";
  if (usage.includes("TENANT")) return "tenants";
  if (/FILE|PATH/.test(usage)) return "files";
  if (usage.includes("VIEW")) return VIEWS.map(bare);
  return /^[a-z|]+$/.test(usage) ? usage.split("|").map(bare) : [];
}

const bare = (value: string): Candidate => ({ value, text: "" });

const prefixed =
  (prefix: string) =>
  ({ value, text }: Candidate): Candidate => ({ value: prefix + value, text });

const matching = (offer: Offer, current: string): Offer =>
  offer === "files" ? offer : offer.filter(({ value }) => value.startsWith(current));
