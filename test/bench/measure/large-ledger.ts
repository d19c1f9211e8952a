import { systemClock } from "../../../src/core/clock.ts";
import type { Database } from "../../../src/store/database.ts";

/**
 * So many operations of one attempt each, evenly over the last days, made by SQL: 100 tenants, 6 targets, 2 aliases. The
 * figures follow from the operation's number, so that every run measures the same ledger.
 */
export function fillLedger(
  database: Database,
  { size, days }: { readonly size: number; readonly days: number },
): void {
  const sinceMs = systemClock.wall() - days * 86_400_000;
  const stepMs = Math.floor((days * 86_400_000) / size);
  for (const sql of ["PRAGMA synchronous = OFF", "BEGIN"]) database.prepare(sql).run();
  database.prepare(OPERATIONS).run({ size, since: sinceMs, step: stepMs });
  database.prepare(ATTEMPTS).run();
  for (const { table, length } of ROLLUPS) database.prepare(rollup(table)).run({ length });
  for (const sql of ["COMMIT", "PRAGMA wal_checkpoint(TRUNCATE)"]) database.prepare(sql).run();
}

const ROLLUPS = [
  { table: "rollup_quarter", length: 900_000 },
  { table: "rollup_day", length: 86_400_000 },
] as const;

const OPERATIONS = `WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < $size)
  INSERT INTO operations (seq, id, tenant, requested_model, alias, class, dialect, strategy, config_revision, generation,
    stream, via, started, ended, state, outcome, attempts, winner, reserved_nano, cost_nano,
    max_tokens)
  SELECT i, printf('rq_%026d', i), 'tenant-' || ((i * 2654435761 >> 13) % 100), 'smart', iif((i * 40503 >> 7) % 3, 'smart', 'fast'), 'completion', 'cli',
    'sequential', 'r', 0, 1, 'daemon', $since + i * $step, $since + i * $step + 900, 'settled',
    iif((i * 40503 >> 9) % 50, 'ok', 'error'), 1, iif((i * 40503 >> 9) % 50, 1, NULL), 5000000, i * 31 % 4000000,
    800
  FROM numbers`;

const ATTEMPTS = `INSERT INTO attempts (operation, n, provider, model, kind, class, outcome, error_code, endpoint, ambiguous,
    started, ended, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source,
    price_version, cost_nano)
  SELECT seq, 1, 'provider-' || ((seq * 2246822519 >> 17) % 6 / 2), 'model-' || ((seq * 2246822519 >> 17) % 6), 'try', 'completion', outcome,
    iif(outcome = 'ok', NULL, 'overloaded'),
    'endpoint', 0, started, ended, seq % 5000, 0, 0, seq % 700, 0, 'reported', 'bench', cost_nano
  FROM operations`;

const rollup = (table: (typeof ROLLUPS)[number]["table"]) =>
  `INSERT INTO ${table} (start, tenant, alias, provider, model, outcome, requests, failed, attempts, input_tokens,
    output_tokens, cost_nano)
  SELECT o.started - o.started % $length AS start, o.tenant, o.alias, a.provider, a.model, o.outcome, count(*),
    sum(o.outcome <> 'ok'), count(*), sum(a.input_tokens), sum(a.output_tokens), sum(a.cost_nano)
  FROM operations o JOIN attempts a ON a.operation = o.seq GROUP BY 1, 2, 3, 4, 5, 6`;
