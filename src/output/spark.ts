import { shareOf } from "../ledger/report.ts";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;
const LEVELS = { symbols: [..."▁▂▃▄▅▆▇█"], ascii: [..."_,-~=+*#"] } as const;
const NOTHING = { symbols: "·", ascii: "." } as const;

/** A bar as long as a share (in millionths) of so many columns; what is not nothing is seen. */
export function bar(share: bigint, columns: number, ascii: boolean): string {
  const eighths = Math.ceil((Number(share) / 1_000_000) * columns * 8);
  if (ascii) return "#".repeat(Math.ceil(eighths / 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** One character for each value, as high as the value is beside the largest; a point where there is nothing. */
export function sparkline(values: readonly bigint[], ascii: boolean): string {
  const kind = ascii ? "ascii" : "symbols";
  const largest = values.reduce((most, value) => (value > most ? value : most), 0n);
  return values
    .map((value) => {
      const share = value === 0n ? null : shareOf(value, largest);
      const level = share === null ? -1 : Math.min(7, Math.floor(Number(share) / 125_000));
      return LEVELS[kind][level] ?? NOTHING[kind];
    })
    .join("");
}
