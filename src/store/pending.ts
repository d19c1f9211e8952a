import type { StatementSync } from "node:sqlite";

/** A table whose rows change with nearly every request: the columns that tell one row from another, and the others. */
export interface PendingTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly values: readonly string[];
}

type Key = readonly (string | number)[];

/** What a transaction has yet to write: each row once, however many operations change it. */
export interface Pending {
  /** Adds to the values of one row, in the order of the table's columns. */
  add(table: PendingTable, key: Key, amounts: readonly number[]): void;
  /** Puts other values in their place. */
  set(table: PendingTable, key: Key, values: readonly number[]): void;
  /** Writes what has gathered: before the rows are read, and before the commit. */
  write(): void;
  /** Forgets what has gathered, as the transaction is undone. */
  forget(): void;
}

export function createPending(prepare: (sql: string) => StatementSync): Pending {
  let gathered: Row[] = [];
  let tables = new Map<PendingTable, Branch>();
  const statements = new WeakMap<PendingTable, Statements>();

  function rowOf(table: PendingTable, key: Key, how: Row["how"]): Row {
    let branch = branchOf(tables, table);
    // Part by part, since to join the parts takes several times as long as to look for each.
    for (const part of key) branch = branchOf(branch.branches, part);
    if (branch.row) return branch.row;
    const row: Row = { table, key, how, values: table.values.map(() => 0) };
    branch.row = row;
    gathered.push(row);
    return row;
  }

  function forget(): void {
    gathered = [];
    tables = new Map();
  }

  function writeRow({ table, key, how, values }: Row): void {
    const texts = statements.get(table) ?? statementsOf(table);
    statements.set(table, texts);
    if (how === "set") prepare(texts.replace).run(...values, ...key);
    else if (values.some((amount) => amount !== 0)) {
      const { changes } = prepare(texts.update).run(...values, ...key);
      // Where the row is gone, there is nothing that could be taken out of it.
      if (changes === 0 && values.every((amount) => amount >= 0))
        prepare(texts.insert).run(...values, ...key);
    }
  }

  return {
    add(table, key, amounts) {
      const { values } = rowOf(table, key, "add");
      for (let at = 0; at < amounts.length; at += 1) values[at] = (values[at] ?? 0) + (amounts[at] ?? 0);
    },
    set(table, key, given) {
      const { values } = rowOf(table, key, "set");
      for (let at = 0; at < given.length; at += 1) values[at] = given[at] ?? 0;
    },
    write() {
      if (gathered.length === 0) return;
      const rows = gathered;
      forget();
      for (const row of rows) writeRow(row);
    },
    forget,
  };
}

/** What is under one part of a key. */
interface Branch {
  readonly branches: Map<Key[number], Branch>;
  row?: Row;
}

function branchOf<P>(branches: Map<P, Branch>, part: P): Branch {
  const known = branches.get(part);
  if (known) return known;
  const branch: Branch = { branches: new Map() };
  branches.set(part, branch);
  return branch;
}

interface Row {
  readonly table: PendingTable;
  readonly key: Key;
  readonly how: "add" | "set";
  readonly values: number[];
}

interface Statements {
  readonly update: string;
  readonly insert: string;
  readonly replace: string;
}

function statementsOf({ name, key, values }: PendingTable): Statements {
  const columns = [...values, ...key];
  const insert = `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
  return {
    update: `UPDATE ${name} SET ${values.map((value) => `${value} = ${value} + ?`).join(", ")}
      WHERE ${key.map((column) => `${column} = ?`).join(" AND ")}`,
    insert,
    replace: `${insert} ON CONFLICT DO UPDATE SET ${values.map((value) => `${value} = excluded.${value}`).join(", ")}`,
  };
}
