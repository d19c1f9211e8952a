/** An amount in nano-dollars (1e-9 USD), whole. */
export type NanoUsd = bigint | number;

/** The largest amount one value may hold, about nine million dollars (LG-1). */
export const MAX_NANO = Number.MAX_SAFE_INTEGER;

/** A whole number as a plain one, never above {@link MAX_NANO}. */
export const clampNano = (amount: bigint): number => (amount > BigInt(MAX_NANO) ? MAX_NANO : Number(amount));

const NANO = 1_000_000_000n;
/** From one dollar two decimals are shown, below that four significant digits. */
const SIGNIFICANT = 4;

/** An amount as a decimal string for documents: no exponent, at most nine decimals, trailing zeros removed. */
export function usdText(nano: NanoUsd): string {
  const { sign, whole, fraction } = split(BigInt(nano));
  const decimals = fraction.replace(/0+$/, "");
  return `${sign}${whole}${decimals && `.${decimals}`}`;
}

/** An amount for people: `$41.87`, `$0.002676`; `unpriced` where the price is unknown. */
export function humanUsd(nano: NanoUsd | null): string {
  if (nano === null) return "unpriced";
  const amount = BigInt(nano);
  const decimals = shownDecimals(amount);
  const { sign, whole, fraction } = split(roundTo(amount, decimals));
  // Rounding up to a whole dollar makes the two-decimal form right.
  return `${sign}$${whole}.${fraction.slice(0, whole === "0" ? decimals : 2)}`;
}

function shownDecimals(amount: bigint): number {
  const { whole, fraction } = split(amount);
  if (whole !== "0" || amount === 0n) return 2;
  return Math.min(fraction.search(/[1-9]/) + SIGNIFICANT, 9);
}

/** Rounds half away from zero. */
function roundTo(amount: bigint, decimals: number): bigint {
  const unit = 10n ** BigInt(9 - decimals);
  const half = amount < 0n ? -unit / 2n : unit / 2n;
  return ((amount + half) / unit) * unit;
}

function split(amount: bigint) {
  const size = amount < 0n ? -amount : amount;
  return {
    sign: amount < 0n ? "-" : "",
    whole: String(size / NANO),
    fraction: String(size % NANO).padStart(9, "0"),
  };
}
