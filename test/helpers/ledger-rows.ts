import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

type Row = Readonly<Record<string, unknown>>;

/** The ledger of a workplace, as anybody can read it. */
export function ledgerOf(folder: string) {
  const paths = [join(folder, ".local/state/riptide/ledger.db"), join(folder, "riptide/ledger.db")];
  const path = paths.find((candidate) => existsSync(candidate)) ?? "";
  const all = (sql: string): readonly Row[] => {
    const database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare(sql).all();
    database.close();
    return rows.map((row) => ({ ...row }));
  };
  return {
    path,
    all,
    /** Every attempt with what was booked for it. */
    attempts: () =>
      all(`SELECT n, provider, model, outcome, error_code AS code, usage_source AS source, usage_note AS note,
        input_tokens AS input, output_tokens AS output, cost_nano AS cost, price_version AS version
        FROM attempts ORDER BY operation, n`),
    operations: () =>
      all("SELECT tenant, alias, outcome, state, cost_nano AS cost FROM operations ORDER BY seq"),
    /** Everything that limits and budgets go by. */
    counters: () => ({
      windows: all("SELECT * FROM windows"),
      limiter: all("SELECT * FROM limiter"),
      reservations: all("SELECT * FROM reservations"),
      operations: all("SELECT count(*) AS count FROM operations"),
      rollups: all("SELECT * FROM rollup_quarter"),
    }),
    held: () => Number(all("SELECT coalesce(sum(held_nano), 0) AS held FROM windows")[0]?.held),
  };
}
