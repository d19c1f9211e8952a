import type { PriceMemory } from "../ledger/price.ts";
import { IMPORT_PREFIX } from "../ledger/price-book.ts";
import type { Database } from "./database.ts";

/**
 * Prices remembered in the ledger. It is a help and never a hindrance: in a ledger that is damaged, locked or read-only
 * nothing is found or kept, and the next who asks looks the price up again.
 */
export function priceMemory(database: Database): PriceMemory {
  return {
    recall: (key) =>
      attempt(() => textOf(database.prepare("SELECT price FROM prices WHERE key = ?").get(key))),
    remember(key, text) {
      attempt(() =>
        database.prepare("INSERT OR REPLACE INTO prices (key, price) VALUES (?, ?)").run(key, text),
      );
    },
  };
}

/** The key and text of one price of the user's catalogue. */
export type ImportedPrice = readonly [key: string, text: string];

/**
 * Puts a catalogue in the place of the one before, whole or not at all.
 * @throws RiptideError `ledger_unavailable`
 */
export function replaceImported(database: Database, prices: readonly ImportedPrice[]): Promise<void> {
  return database.transact(() => {
    database
      .prepare("DELETE FROM prices WHERE substr(key, 1, ?) = ?")
      .run(IMPORT_PREFIX.length, IMPORT_PREFIX);
    const insert = database.prepare("INSERT OR REPLACE INTO prices (key, price) VALUES (?, ?)");
    for (const [key, text] of prices) insert.run(key, text);
  });
}

/**
 * The models that billed tokens since a moment (Unix milliseconds, to the day).
 * @throws RiptideError `ledger_unavailable`
 */
export function usedModels(database: Database, sinceMs: number): readonly UsedModel[] {
  return database.read(
    () =>
      database
        .prepare(
          `SELECT DISTINCT provider, model FROM rollup_day
           WHERE start >= ? AND (input_tokens > 0 OR output_tokens > 0) ORDER BY provider, model`,
        )
        .all(sinceMs) as unknown as UsedModel[], // The columns are those of the query, both NOT NULL.
  );
}

export interface UsedModel {
  readonly provider: string;
  readonly model: string;
}

function textOf(row: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return typeof row?.price === "string" ? row.price : undefined;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
