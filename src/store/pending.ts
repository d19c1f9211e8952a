import type { StatementSync } from "node:sqlite";

/** A table whose rows add up: the columns that tell one row from another, and those that are sums. */
export interface SumTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly sums: readonly string[];
}

type Key = readonly (string | number)[];

/** What a transaction adds to sums: each row is written once, however many operations add to it. */
export interface Sums {
  /** Adds to the sums of one row, in the order of the table's columns. */
  add(table: SumTable, key: Key, amounts: readonly number[]): void;
  /** Writes what has gathered: before the rows are read, and before the commit. */
  write(): void;
  /** Forgets what has gathered, as the transaction is undone. */
  forget(): void;
}

export function createSums(prepare: (sql: string) => StatementSync): Sums {
  let gathered = new Map<string, Row>();
  const statements = new WeakMap<SumTable, ReturnType<typeof statementsOf>>();
  const writeRow = ({ table, key, amounts }: Row): void => {
    if (amounts.every((amount) => amount === 0)) return;
    const { update, insert } = statements.get(table) ?? statementsOf(table);
    statements.set(table, { update, insert });
    const { changes } = prepare(update).run(...amounts, ...key);
    // Where the row is gone, there is nothing that could be taken out of it.
    if (changes === 0 && amounts.every((amount) => amount >= 0)) prepare(insert).run(...amounts, ...key);
  };
  const write = (): void => {
    if (gathered.size === 0) return;
    const rows = gathered.values();
    gathered = new Map();
    for (const row of rows) writeRow(row);
  };
  return {
    add(table, key, amounts) {
      const name = `${table.name}\0${key.join("\0")}`;
      const row = gathered.get(name);
      if (!row) gathered.set(name, { table, key, amounts: [...amounts] });
      else
        for (let at = 0; at < amounts.length; at += 1)
          row.amounts[at] = (row.amounts[at] ?? 0) + (amounts[at] ?? 0);
    },
    write,
    forget() {
      gathered.clear();
    },
  };
}

interface Row {
  readonly table: SumTable;
  readonly key: Key;
  readonly amounts: number[];
}

function statementsOf({ name, key, sums }: SumTable) {
  const columns = [...sums, ...key];
  return {
    update: `UPDATE ${name} SET ${sums.map((sum) => `${sum} = ${sum} + ?`).join(", ")}
      WHERE ${key.map((column) => `${column} = ?`).join(" AND ")}`,
    insert: `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  };
}
