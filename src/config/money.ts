/**
 * Reads US dollars as a person writes them (`0.05`, `$5`, `5c`) as integer nano-dollars, digit by digit and
 * never through floating point; undefined when it is not an amount, too fine or too large to be counted.
 */
export function parseMoney(text: string): number | undefined {
  const dollars = /^\$?(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text);
  if (dollars) return nano(dollars[1], dollars[2], 9);
  const cents = /^(\d{1,11})(?:\.(\d{1,7}))?c$/.exec(text);
  return cents ? nano(cents[1], cents[2], 7) : undefined;
}

/** The same for a number of a YAML file, which has at most 15 digits and therefore an exact decimal form. */
export function moneyOfNumber(dollars: number): number | undefined {
  if (!(dollars >= 0 && dollars < 1e9)) return undefined;
  const text = dollars.toFixed(9);
  return Number(text) === dollars ? parseMoney(text) : undefined;
}

function nano(whole = "", fraction = "", digits: number): number | undefined {
  const value = BigInt(whole + fraction.padEnd(digits, "0"));
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}
