import { clampNano, MAX_NANO } from "../core/money.ts";

/** The powers of ten from a price in dollars to nano-dollars per million tokens. */
export const DOLLARS_PER_MILLION = 9n;
export const DOLLARS_PER_TOKEN = 15n;

/** Longer forms are nobody's price, and would only cost time. */
const DECIMAL = /^(\d{1,30})(?:\.(\d{1,30}))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * A price as nano-dollars per million tokens, from its decimal digits and never through floating point. The shortest
 * decimal form of a number is what its author wrote. Digits beyond a nano-dollar per million are rounded; undefined
 * when it is not a price, is more than 0 and rounds to 0, or a million tokens could not be counted (LG-1).
 */
export function nanoPerMillion(value: unknown, power: bigint): number | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const [, whole, fraction = "", exponent = "0"] = DECIMAL.exec(String(value)) ?? [];
  if (whole === undefined) return undefined;
  const digits = BigInt(whole + fraction);
  const shift = BigInt(exponent.replace("+", "")) + power - BigInt(fraction.length);
  const amount = shift < 0n ? rounded(digits, 10n ** -shift) : digits * 10n ** shift;
  if (amount > BigInt(MAX_NANO) || (amount === 0n && digits > 0n)) return undefined;
  return clampNano(amount);
}

/** Half goes up. */
const rounded = (digits: bigint, unit: bigint): bigint => (2n * digits + unit) / (2n * unit);
