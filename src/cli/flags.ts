import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";

/** One flag of the command line, as data: the parser and the help text read the same table. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** What its value is called in help; a flag without one is a switch. */
  readonly value?: string;
  /** The value may be left out; it is then given as `--name=value` only. */
  readonly optional?: boolean;
  /** The only values it takes. */
  readonly words?: readonly string[];
  /** The flag without which it would do nothing. */
  readonly needs?: string;
  /** Flags that ask for something else. */
  readonly notWith?: readonly string[];
  /** May be given more than once. */
  readonly many?: boolean;
  readonly text: string;
  /** The heading it stands under in help. */
  readonly group?: string;
  /** Set for a flag this version does not take: what it comes with. */
  readonly later?: string;
}

/** What was given: switches as counts, values as text in the order given. */
export interface Given {
  has(name: string): boolean;
  count(name: string): number;
  /** The last value. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  /** Everything that is not a flag. */
  readonly words: readonly string[];
}

/**
 * Reads arguments by a table of flags: `--name value`, `--name=value`, `-n value`, `-nvalue`, grouped switches, and `--`
 * before words that begin with a dash. A lone `-` is a word.
 * @throws RiptideError `usage` for an unknown flag, a missing or wrong value, flags that do not go together, or a
 * flag this version does not take.
 */
export function parseFlags(flags: readonly Flag[], argv: readonly string[]): Given {
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === "--") {
      words.push(...rest.splice(0));
    } else if (argument.startsWith("--")) {
      note(given, longFlag(flags, argument, rest));
    } else if (argument.startsWith("-") && argument.length > 1) {
      for (const found of shortFlags(flags, argument, rest)) note(given, found);
    } else {
      words.push(argument);
    }
  }
  checkTogether(flags, given);
  return {
    words,
    has: (name) => given.has(name),
    count: (name) => given.get(name)?.length ?? 0,
    value: (name) => given.get(name)?.at(-1),
    values: (name) => given.get(name) ?? [],
  };
}

type Found = readonly [flag: Flag, value: string];

function note(given: Map<string, string[]>, [flag, value]: Found): void {
  if (flag.later) throw comesLater(flag, flag.later);
  if (flag.words && !flag.words.includes(value)) {
    throw new RiptideError("usage", `--${flag.name} wants ${flag.words.join(", ")}, not "${value}"`);
  }
  const known = given.get(flag.name) ?? [];
  if (flag.value && !flag.many && known.length > 0) {
    throw new RiptideError("usage", `--${flag.name} was given twice`);
  }
  given.set(flag.name, [...known, value]);
}

function checkTogether(flags: readonly Flag[], given: ReadonlyMap<string, unknown>): void {
  for (const { name, needs, notWith = [] } of flags.filter((flag) => given.has(flag.name))) {
    if (needs !== undefined && !given.has(needs)) {
      throw new RiptideError("usage", `--${name} does nothing without --${needs}`);
    }
    const rival = notWith.find((other) => given.has(other));
    if (rival !== undefined) throw new RiptideError("usage", `--${name} cannot stand beside --${rival}`);
  }
}

function longFlag(flags: readonly Flag[], argument: string, rest: string[]): Found {
  const [, name = "", , inline] = /^--([^=]*)(=([\s\S]*))?$/.exec(argument) ?? [];
  const flag = flags.find((candidate) => candidate.name === name);
  if (!flag) throw unknownFlag(`--${name}`, flags);
  if (!flag.value) {
    if (inline !== undefined) throw new RiptideError("usage", `--${name} takes no value`);
    return [flag, ""];
  }
  return [flag, inline ?? (flag.optional ? "" : valueAfter(flag, rest))];
}

function* shortFlags(flags: readonly Flag[], argument: string, rest: string[]): Generator<Found> {
  const letters = [...argument.slice(1)];
  for (const [index, letter] of letters.entries()) {
    const flag = flags.find((candidate) => candidate.short === letter);
    if (!flag) throw unknownFlag(`-${letter}`, flags);
    if (flag.value) {
      const attached = letters.slice(index + 1).join("");
      yield [flag, attached === "" ? valueAfter(flag, rest) : attached.replace(/^=/, "")];
      return;
    }
    yield [flag, ""];
  }
}

function valueAfter(flag: Flag, rest: string[]): string {
  const value = rest.shift();
  if (value !== undefined) return value;
  throw new RiptideError("usage", `--${flag.name} needs a value: --${flag.name} ${flag.value}`);
}

function unknownFlag(asked: string, flags: readonly Flag[]): RiptideError {
  const near = nearest(
    asked,
    flags.filter(({ later }) => later === undefined).map(({ name }) => `--${name}`),
  );
  return new RiptideError("usage", `unknown flag ${asked}`, {
    reasons: near && asked.startsWith("--") ? [`did you mean ${near}?`] : [],
  });
}

const comesLater = ({ name }: Flag, what: string) =>
  new RiptideError("usage", `--${name} is not part of this version: it comes with ${what}`);
