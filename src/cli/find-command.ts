import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Command } from "./command.ts";
import type { Flag } from "./flags.ts";

export interface FoundCommand {
  /** Absent when only a group, or nothing, was named. */
  readonly command: Command | undefined;
  /** The words that named it. */
  readonly words: readonly string[];
  /** All arguments but those words. */
  readonly rest: readonly string[];
}

/**
 * Finds the command among arguments in which global flags may stand first.
 * @throws RiptideError `usage` for an unknown command, with the nearest known one.
 */
export function findCommand(
  argv: readonly string[],
  commands: readonly Command[],
  globals: readonly Flag[],
): FoundCommand {
  const at = positionOfWord(argv, globals);
  const word = argv[at];
  if (word === undefined) return { command: undefined, words: [], rest: argv };
  const rest = argv.toSpliced(at, 1);
  const single = commands.find(
    ({ path, aliases }) => path.length === 1 && (path[0] === word || aliases?.includes(word)),
  );
  if (single) return { command: single, words: [word], rest };
  const group = commands.filter(({ path }) => path[0] === word);
  if (group.length === 0)
    throw unknown(
      "command",
      word,
      commands.flatMap(({ path, aliases = [] }) => [path[0] ?? "", ...aliases]),
      "riptide help",
    );
  return findVerb(word, rest, group, globals);
}

function findVerb(
  group: string,
  argv: readonly string[],
  verbs: readonly Command[],
  globals: readonly Flag[],
): FoundCommand {
  // The verb may be left out, so flags of the group's verbs may stand where it would.
  const at = positionOfWord(argv, [...globals, ...verbs.flatMap(({ flags }) => flags)]);
  const word = argv[at];
  if (word === undefined) {
    const byDefault = argv.some((argument) => argument === "-h" || argument === "--help")
      ? undefined
      : verbs.find(({ isGroupDefault }) => isGroupDefault);
    return { command: byDefault, words: [group], rest: argv };
  }
  const command = verbs.find(({ path }) => path[1] === word);
  if (command) return { command, words: [group, word], rest: argv.toSpliced(at, 1) };
  const known = verbs.map(({ path }) => path[1] ?? "");
  throw unknown(`verb of ${group}`, word, known, `riptide help ${group}`);
}

/** Index of the first argument that is neither a flag nor the value of a global one. */
function positionOfWord(argv: readonly string[], globals: readonly Flag[]): number {
  let at = 0;
  for (; at < argv.length; at += 1) {
    const argument = argv[at] ?? "";
    if (!argument.startsWith("-") || argument === "-") break;
    const flag = globals.find(({ name, short }) => argument === `--${name}` || argument === `-${short}`);
    if (flag?.value) at += 1;
  }
  return at;
}

function unknown(what: string, word: string, known: readonly string[], hint: string): RiptideError {
  const near = nearest(word, known);
  return new RiptideError("usage", `unknown ${what} "${word}"`, {
    reasons: near ? [`did you mean ${near}?`] : [],
    hint,
  });
}
