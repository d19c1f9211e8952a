import { firstUnpriced } from "./booking.ts";
import type { Database } from "./database.ts";
import { LATENCY_BOUNDS_MS, ROLLUP_SUMS } from "./schema.ts";

export interface LedgerCheck {
  readonly operations: number;
  readonly attempts: number;
  /** One line for each sum that is not what the rows say; empty when all is well. */
  readonly differences: readonly string[];
}

/** Of one kind no more than this are told one by one. */
const MAX_TOLD = 20;

/**
 * Computes every sum of the ledger anew from its lines, and checks that nothing is both held and settled (LG-7). What
 * was spent is compared as far back as operations are kept.
 */
export function verifyLedger(database: Database): LedgerCheck {
  return database.read(() => ({
    ...countRows(database),
    differences: [...damages(database), ...checks().flatMap((check) => told(database, check))],
  }));
}

/** How much is in the ledger. */
export function countRows(database: Database): Pick<LedgerCheck, "operations" | "attempts"> {
  const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  return { operations: count("operations"), attempts: count("attempts") };
}

function damages(database: Database): readonly string[] {
  const found = database
    .prepare("PRAGMA quick_check")
    .all()
    .map(({ quick_check: text }) => String(text));
  return found.length === 1 && found[0] === "ok" ? [] : found;
}

/** A query that gives one line of text for each difference. */
interface Check {
  readonly what: string;
  readonly sql: string;
}

function told(database: Database, { what, sql }: Check): readonly string[] {
  const rows = database.prepare(`SELECT line FROM (${sql}) LIMIT ${MAX_TOLD + 1}`).all();
  const lines = rows.slice(0, MAX_TOLD).map(({ line }) => `${what}: ${String(line)}`);
  return rows.length > MAX_TOLD ? [...lines, `${what}: and more`] : lines;
}

/** Rows before this are gone, for prune removed them with the sums they made kept. */
const KEPT = "(SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM facts WHERE name = 'pruned_before')";

const checks = (): readonly Check[] => [
  {
    what: "an operation is not the sum of its attempts",
    sql: `SELECT o.id || ' says ' || o.cost_nano || ' in ' || o.attempts || ', its lines '
        || coalesce(sum(a.cost_nano), 0) || ' in ' || count(a.n) AS line
      FROM operations o LEFT JOIN attempts a ON a.operation = o.seq WHERE o.state <> 'held' GROUP BY o.seq
      HAVING o.cost_nano <> coalesce(sum(a.cost_nano), 0) OR o.attempts <> count(a.n)`,
  },
  {
    what: "an attempt without its operation",
    sql: `SELECT 'number ' || operation AS line FROM attempts WHERE operation NOT IN (SELECT seq FROM operations)`,
  },
  {
    what: "a reservation and its operation disagree",
    sql: `SELECT o.id || ' is ' || o.state || ' with' || iif(r.operation IS NULL, 'out', '') || ' a reservation' AS line
      FROM operations o LEFT JOIN reservations r ON r.operation = o.seq
      WHERE (o.state = 'held') <> (r.operation IS NOT NULL)
      UNION ALL SELECT 'number ' || operation || ' is reserved for, and unknown' FROM reservations
      WHERE operation NOT IN (SELECT seq FROM operations)`,
  },
  spent("hour", 3_600_000),
  spent("day", 86_400_000),
  held("hour", 3_600_000),
  held("day", 86_400_000),
  rollup("rollup_quarter", 900_000),
  rollup("rollup_day", 86_400_000),
];

/** What each window says was spent, against the operations that are kept. */
function spent(span: Span, lengthMs: number): Check {
  const each = (scope: string) => `SELECT ${scope} AS scope, started - started % ${lengthMs} AS start,
    sum(cost_nano) AS nano FROM operations WHERE started >= ${KEPT} GROUP BY 1, 2`;
  return {
    what: `what was spent in ${AN[span]} is not the sum of its operations`,
    sql: differing(span, "spent_nano", `${each("''")} UNION ALL ${each("tenant")}`, `AND start >= ${KEPT}`),
  };
}

/** What each window says is held, against the reservations; those are all kept. */
function held(span: Span, lengthMs: number): Check {
  const each = (scope: string) => `SELECT ${scope} AS scope, o.started - o.started % ${lengthMs} AS start,
    sum(r.held_nano) AS nano FROM reservations r JOIN operations o ON o.seq = r.operation GROUP BY 1, 2`;
  return {
    what: `what is held in ${AN[span]} is not the sum of its reservations`,
    sql: differing(span, "held_nano", `${each("''")} UNION ALL ${each("o.tenant")}`, ""),
  };
}

type Span = "hour" | "day";
const AN = { hour: "an hour", day: "a day" } as const;

/**
 * Windows whose column is another amount than the same scope and start have in `rows`. Both sides go into one grouping,
 * for SQLite would compare each row with each in a full join.
 */
const differing = (span: Span, column: string, rows: string, also: string): string =>
  `SELECT iif(scope = '', 'all', 'tenant ' || scope) || ' from ' || datetime(start / 1000, 'unixepoch') || ': '
      || sum(said) || ' instead of ' || sum(nano) AS line
    FROM (SELECT scope, start, nano, 0 AS said FROM (${rows})
      UNION ALL SELECT scope, start, 0, ${column} FROM windows WHERE span = '${span}' ${also})
    GROUP BY scope, start HAVING sum(said) <> sum(nano)`;

/** Every sum of a rollup, against operations and attempts. */
function rollup(table: string, lengthMs: number): Check {
  const keys = ["start", "tenant", "alias", "provider", "model", "outcome"].join(", ");
  const columns = (text: (column: string) => string) => ROLLUP_SUMS.map(text).join(", ");
  return {
    what: `${table} is not the sum of its rows`,
    sql: `SELECT coalesce(nullif(provider, ''), '-') || '/' || model || ' of ' || tenant || ' from '
        || datetime(start / 1000, 'unixepoch') || ' (' || outcome || '): ' || sum(said * cost_nano) || ' in '
        || sum(said * requests) || ', its rows ' || sum((1 - said) * cost_nano) || ' in '
        || sum((1 - said) * requests) AS line
      FROM (SELECT ${keys}, ${expectedSums().join(", ")}, 0 AS said FROM (${rowsOf(lengthMs)}) GROUP BY ${keys}
        UNION ALL SELECT ${keys}, ${columns((column) => column)}, 1 FROM ${table} WHERE start >= ${KEPT})
      GROUP BY ${keys}
      HAVING ${ROLLUP_SUMS.map((column) => `sum((1 - 2 * said) * ${column}) <> 0`).join(" OR ")}`,
  };
}

/** One row for each attempt with its operation; `home` is 1 in the row the operation itself counts in. */
const rowsOf = (lengthMs: number): string =>
  `SELECT o.started - o.started % ${lengthMs} AS start, o.tenant, coalesce(o.alias, '') AS alias,
     coalesce(a.provider, '') AS provider, coalesce(a.model, '') AS model, o.outcome, o.unpriced AND a.n = ${firstUnpriced("o.seq")} AS isUnpriced, a.n,
     a.usage_source, a.input_tokens, a.cached_tokens, a.cache_write_tokens, a.output_tokens, a.reasoning_tokens,
     a.cost_nano, o.ended - o.started AS took,
     a.n IS NULL OR a.n = coalesce(o.winner, (SELECT max(n) FROM attempts WHERE operation = o.seq)) AS home
   FROM operations o LEFT JOIN attempts a ON a.operation = o.seq WHERE o.state <> 'held' AND o.started >= ${KEPT}`;

/** The sums in the words of SQL, by the names of the rollups' columns. */
function expectedSums(): readonly string[] {
  const sums: Readonly<Record<string, string>> = {
    requests: "sum(home)",
    failed: "sum(home AND outcome <> 'ok')",
    unpriced: "sum(coalesce(isUnpriced, 0))",
    attempts: "count(n)",
    estimated: "sum(coalesce(usage_source = 'estimated', 0))",
    unreconciled_nano: "sum(iif(usage_source = 'unreconciled', cost_nano, 0))",
  };
  return ROLLUP_SUMS.map((column) => {
    const sum = sums[column] ?? latencySum(column) ?? `sum(coalesce(${column}, 0))`;
    return `${sum} AS ${column}`;
  });
}

function latencySum(column: string): string | undefined {
  const longest = LATENCY_BOUNDS_MS.at(-1);
  if (column === "longer") return `sum(home AND took > ${longest})`;
  const index = LATENCY_BOUNDS_MS.findIndex((ms) => column === `le_${ms}_ms`);
  if (index === -1) return undefined;
  const above = index === 0 ? "" : ` AND took > ${LATENCY_BOUNDS_MS[index - 1]}`;
  return `sum(home AND took <= ${LATENCY_BOUNDS_MS[index]}${above})`;
}
