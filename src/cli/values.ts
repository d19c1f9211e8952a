import { STRATEGIES } from "../config/config.ts";
import { parseMoney } from "../config/money.ts";
import { parseDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { RouteAsk } from "../routing/route.ts";
import type { Call } from "./command.ts";
import type { Given } from "./flags.ts";

/** A duration flag in milliseconds. @throws RiptideError `usage` */
export function durationOf(given: Given, flag: string): number | undefined {
  const text = given.value(flag);
  return text === undefined ? undefined : parsedDuration(text, `--${flag}`);
}

/** The deadline of a call: the flag, else the variable. @throws RiptideError `usage` */
export function timeoutOf({ given, io }: Call): number | undefined {
  const fromFlag = durationOf(given, "timeout");
  const { timeout } = io.environment.flags;
  if (fromFlag !== undefined || timeout === undefined) return fromFlag;
  return parsedDuration(timeout, "RIPTIDE_TIMEOUT");
}

function parsedDuration(text: string, name: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new RiptideError(
    "usage",
    `${name} wants a duration with its unit, such as 800ms, 5s or 2m, not "${text}"`,
  );
}

/** A number flag within its bounds. @throws RiptideError `usage` */
export function numberOf(
  given: Given,
  flag: string,
  { min, max }: { min: number; max: number },
): number | undefined {
  const text = given.value(flag);
  if (text === undefined) return undefined;
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new RiptideError("usage", `--${flag} wants a number from ${min} to ${max}, not "${text}"`);
}

/** A whole-number flag. @throws RiptideError `usage` */
export function integerOf(
  given: Given,
  flag: string,
  bounds: { min: number; max: number },
): number | undefined {
  const value = numberOf(given, flag, bounds);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new RiptideError("usage", `--${flag} wants a whole number, not ${value}`);
}

/** A flag whose value is one of a few words. @throws RiptideError `usage` */
export function wordOf<Word extends string>(
  given: Given,
  flag: string,
  words: readonly Word[],
): Word | undefined {
  return oneOf(given.value(flag), words, `--${flag}`);
}

/** A text that is one of a few words. @throws RiptideError `usage` */
export function oneOf<Word extends string>(
  text: string | undefined,
  words: readonly Word[],
  name: string,
): Word | undefined {
  if (text === undefined) return undefined;
  const word = words.find((candidate) => candidate === text);
  if (word) return word;
  throw new RiptideError("usage", `${name} wants ${words.join(", ")}, not "${text}"`);
}

/** The flags that say where a request may go. */
export function routeAsk(given: Given): RouteAsk {
  const providers = given.value("provider");
  return {
    model: given.value("model"),
    providers: providers === undefined ? undefined : listOf(providers),
    exclude: given.values("exclude").flatMap(listOf),
    fallback: given.values("fallback"),
    noFallback: given.has("no-fallback"),
    strategy: wordOf(given, "strategy", STRATEGIES),
  };
}

/** The parts of a list with commas. */
export const listOf = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** An amount of money in nano-dollars: `0.05`, `$0.05` or `5c`. @throws RiptideError `usage` */
export function moneyOf(given: Given, flag: string): number | undefined {
  const text = given.value(flag);
  return text === undefined ? undefined : parsedMoney(text, `--${flag}`);
}

/** The cap of a call: the flag, else the variable. @throws RiptideError `usage` */
export function maxCostOf({ given, io }: Call): number | undefined {
  const { maxCost } = io.environment.flags;
  const fromFlag = moneyOf(given, "max-cost");
  if (fromFlag !== undefined || maxCost === undefined) return fromFlag;
  return parsedMoney(maxCost, "RIPTIDE_MAX_COST");
}

function parsedMoney(text: string, name: string): number {
  const nano = parseMoney(text);
  if (nano !== undefined) return nano;
  throw new RiptideError("usage", `${name} wants an amount such as 0.05, $0.05 or 5c, not "${text}"`);
}

const MAX_TAGS = 20;

/** The `--tag k=v` of a call; the last one of a key counts. @throws RiptideError `usage` */
export function tagsOf(given: Given): Readonly<Record<string, string>> {
  const tags = Object.fromEntries(given.values("tag").map(tagOf));
  if (Object.keys(tags).length <= MAX_TAGS) return tags;
  throw new RiptideError("usage", `${Object.keys(tags).length} tags are too many: ${MAX_TAGS} at most`);
}

function tagOf(text: string): readonly [string, string] {
  const [, key, value] = /^([A-Za-z][\w.-]{0,63})=([^\p{Cc}]{0,256})$/u.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new RiptideError("usage", `--tag wants NAME=VALUE, not "${text.slice(0, 80)}"`, {
    reasons: [
      "a name is a letter and up to 63 letters, digits, . _ or -; a value is one line of up to 256 characters",
    ],
  });
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/** `--idempotency-key` @throws RiptideError `usage` */
export function idempotencyKeyOf(given: Given): string | undefined {
  const key = given.value("idempotency-key");
  if (key === undefined || KEY.test(key)) return key;
  throw new RiptideError(
    "usage",
    "--idempotency-key wants 1 to 255 printable ASCII characters without spaces",
  );
}
