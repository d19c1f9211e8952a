import type { Price } from "../ledger/price.ts";
import { type Dimension, type GroupKey, isUnit } from "../ledger/report.ts";
import { type PastLine, reprice } from "../ledger/reprice.ts";
import { nameOf, type Zone } from "../ledger/zone.ts";
import type { Database } from "../store/database.ts";
import { type AttemptRow, readAttempts } from "../store/line-reader.ts";
import type { UsageAsk } from "../store/usage-reader.ts";
import type { Costs } from "./costs.ts";
import { rowsSince } from "./read-costs.ts";

/**
 * The report with what each row would cost at these prices, attempt by attempt. Inside {@link Database.read}.
 * @param prices By `provider/model`; null and missing ones are unpriced.
 */
export function withRepriced(
  costs: Costs,
  database: Database | undefined,
  ask: UsageAsk,
  prices: ReadonlyMap<string, Price | null>,
): Costs {
  const { of, total } = reprice(database ? pastLines(database, ask) : [], prices);
  return {
    ...costs,
    rowsSinceMs: rowsSince(database, ask.range),
    rows: costs.rows.map((row) => ({ ...row, repriced: of(row) })),
    totals: { ...costs.totals, repriced: total },
  };
}

function* pastLines(database: Database, ask: UsageAsk): Generator<PastLine> {
  for (const row of readAttempts(database, ask)) {
    yield {
      key: keyOf(row, ask.by, ask.zone),
      target: `${row.provider}/${row.model}`,
      tokens: {
        inputTokens: Number(row.inputTokens),
        cacheReadTokens: Number(row.cacheReadTokens),
        cacheWriteTokens: Number(row.cacheWriteTokens),
        outputTokens: Number(row.outputTokens),
        reasoningTokens: Number(row.reasoningTokens),
      },
      fixedNano: fixedOf(row),
    };
  }
}

function fixedOf({ usageSource, costNano }: AttemptRow): bigint | null {
  if (usageSource === "none") return 0n;
  return usageSource === "unreconciled" ? costNano : null;
}

/** The values that the sums of this attempt stand under. */
function keyOf(row: AttemptRow, by: readonly Dimension[], zone: Zone): GroupKey {
  return Object.fromEntries(by.map((dimension) => [dimension, partOf(row, dimension, zone)]));
}

function partOf(row: AttemptRow, dimension: Dimension, zone: Zone): string | null {
  if (isUnit(dimension)) return nameOf(dimension, Number(row.operationStartedMs), zone);
  switch (dimension) {
    case "provider":
      return row.provider;
    case "model":
      return `${row.provider}/${row.model}`;
    case "alias":
      return row.alias || null;
    case "tenant":
      return row.tenant;
    case "outcome":
      return row.operationOutcome;
    default:
      return tagOf(row, dimension.slice("tag:".length));
  }
}

/** The ledger's tags were written as an object of texts. */
function tagOf({ tags }: AttemptRow, name: string): string | null {
  if (tags === null) return null;
  const values = JSON.parse(tags) as Readonly<Record<string, string>>;
  return values[name] || null;
}
