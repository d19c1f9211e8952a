import { usdText } from "../core/money.ts";
import { costOf, type ReportRow, shareOf, type UsageSums } from "../ledger/report.ts";
import { type Repriced, repricedNano } from "../ledger/reprice.ts";

/** What a group cost as a decimal string; null where it has no price. */
export function knownUsd(sums: UsageSums): string | null {
  const nano = costOf(sums);
  return nano === null ? null : usdText(nano);
}

/** What a group would cost at today's prices as a decimal string; null where none of it has one. */
export function repricedUsd(repriced: Repriced): string | null {
  const nano = repricedNano(repriced);
  return nano === null ? null : usdText(nano);
}

/** How much more was spent than in the range before, as millionths of that; null where it cannot be said. */
export function changeOf({ sums, previous }: Pick<ReportRow, "sums" | "previous">): bigint | null {
  const before = previous && costOf(previous);
  const now = costOf(sums);
  if (before === undefined || before === null || now === null) return null;
  const more = now - before;
  const size = shareOf(more < 0n ? -more : more, before);
  return size !== null && more < 0n ? -size : size;
}

/** Millionths as a ratio. */
export const ratioOf = (millionths: bigint | null): number | null =>
  millionths === null ? null : Number(millionths) / 1_000_000;

/** Millionths as percent with one decimal, rounded half away from zero. */
export function percentText(millionths: bigint): string {
  const size = ((millionths < 0n ? -millionths : millionths) + 500n) / 1_000n;
  return `${millionths < 0n && size > 0n ? "-" : ""}${size / 10n}.${size % 10n}%`;
}
