/** "RTLG" in the file's header says that a database is a ledger of RipTide. */
export const APPLICATION_ID = 0x52_54_4c_47;

/** Upper bounds of the latency histogram, in milliseconds; the last column counts what took longer. */
export const LATENCY_BOUNDS_MS = [250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;
export const LATENCY_COLUMNS: readonly string[] = [...LATENCY_BOUNDS_MS.map((ms) => `le_${ms}_ms`), "longer"];

/** What a row of the rollups adds up. */
export const ROLLUP_SUMS: readonly string[] = [
  ...["requests", "failed", "unpriced", "attempts", "estimated"],
  ...["input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"],
  ...["cost_nano", "unreconciled_nano"],
  ...LATENCY_COLUMNS,
];

/** Steps from one schema to the next; `PRAGMA user_version` counts those that were taken. Steps are only ever added. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE operations (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    requested_model TEXT NOT NULL,
    alias TEXT,
    class TEXT NOT NULL,
    dialect TEXT NOT NULL,
    strategy TEXT NOT NULL,
    config_revision TEXT NOT NULL,
    generation INTEGER NOT NULL,
    idempotency_key TEXT,
    stream INTEGER NOT NULL,
    via TEXT NOT NULL,
    tags TEXT,
    started INTEGER NOT NULL,
    ended INTEGER,
    state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'unreconciled')),
    outcome TEXT,
    error_code TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    winner INTEGER,
    ttft_ms INTEGER,
    reserved_nano INTEGER NOT NULL CHECK (reserved_nano >= 0),
    cost_nano INTEGER NOT NULL DEFAULT 0 CHECK (cost_nano >= 0),
    overrun_nano INTEGER NOT NULL DEFAULT 0 CHECK (overrun_nano >= 0),
    unpriced INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX operations_started ON operations (started);
  CREATE INDEX operations_idempotency ON operations (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;

  CREATE TABLE attempts (
    operation INTEGER NOT NULL,
    n INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    kind TEXT NOT NULL,
    class TEXT NOT NULL,
    outcome TEXT,
    error_code TEXT,
    http_status INTEGER,
    provider_request_id TEXT,
    endpoint TEXT NOT NULL,
    trial INTEGER NOT NULL,
    hold_until INTEGER,
    ambiguous INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ttft_ms INTEGER,
    ended INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
    cached_tokens INTEGER NOT NULL CHECK (cached_tokens >= 0),
    cache_write_tokens INTEGER NOT NULL CHECK (cache_write_tokens >= 0),
    output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
    reasoning_tokens INTEGER NOT NULL CHECK (reasoning_tokens >= 0),
    usage_source TEXT NOT NULL,
    usage_note TEXT,
    price_version TEXT,
    cost_nano INTEGER NOT NULL CHECK (cost_nano >= 0),
    PRIMARY KEY (operation, n)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX attempts_ended ON attempts (ended, endpoint, class, outcome, error_code, trial, hold_until);

  CREATE TABLE decisions (operation INTEGER PRIMARY KEY, decision TEXT NOT NULL) STRICT;

  CREATE TABLE reservations (
    operation INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    provider TEXT,
    model TEXT,
    held_nano INTEGER NOT NULL CHECK (held_nano >= 0),
    tokens INTEGER NOT NULL CHECK (tokens >= 0),
    owner_pid INTEGER NOT NULL,
    owner_started INTEGER NOT NULL,
    owner_boot TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE limiter (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('requests', 'tokens')),
    tat_us INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE windows (
    scope TEXT NOT NULL,
    span TEXT NOT NULL CHECK (span IN ('hour', 'day')),
    start INTEGER NOT NULL,
    spent_nano INTEGER NOT NULL DEFAULT 0 CHECK (spent_nano >= 0),
    held_nano INTEGER NOT NULL DEFAULT 0 CHECK (held_nano >= 0),
    forgiven_nano INTEGER NOT NULL DEFAULT 0 CHECK (forgiven_nano >= 0),
    PRIMARY KEY (scope, span, start)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE refusals (
    tenant TEXT NOT NULL,
    hour INTEGER NOT NULL,
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant, hour, code)
  ) STRICT, WITHOUT ROWID;

  ${rollupTable("rollup_quarter")}
  ${rollupTable("rollup_day")}

  CREATE TABLE probes (
    seq INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    level TEXT NOT NULL,
    status TEXT NOT NULL,
    latency_ms INTEGER,
    code TEXT,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX probes_at ON probes (at);

  CREATE TABLE turns (alias TEXT PRIMARY KEY, turn INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE marks (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (kind, subject)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE prices (key TEXT PRIMARY KEY, price TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE alerts (
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    start INTEGER NOT NULL,
    threshold TEXT NOT NULL,
    at INTEGER NOT NULL,
    resolved INTEGER,
    PRIMARY KEY (scope, period, start, threshold, at)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE VIEW lines AS
    SELECT o.id AS id, o.tenant, o.requested_model, o.alias, o.tags, o.started AS operation_started, o.state,
      o.outcome AS operation_outcome, a.*
    FROM attempts a JOIN operations o ON o.seq = a.operation;
  `,
  // How each attempt counted for its provider's breaker: a number of store/effects.ts. The index holds all that the
  // breakers of a new process are folded from (CB-13), so that no row has to be looked up.
  `
  ALTER TABLE attempts ADD COLUMN effect INTEGER NOT NULL DEFAULT 0;
  DROP INDEX attempts_ended;
  CREATE INDEX attempts_ended ON attempts (ended, endpoint, class, effect, trial);
  CREATE INDEX attempts_held ON attempts (hold_until) WHERE hold_until IS NOT NULL;
  `,
  // The number says of a trial too. A column of its own costs every row a byte, and hardly any attempt is one.
  `
  DROP INDEX attempts_ended;
  UPDATE attempts SET effect = effect + 4 WHERE trial = 1;
  ALTER TABLE attempts DROP COLUMN trial;
  CREATE INDEX attempts_ended ON attempts (ended, endpoint, class, effect);
  ALTER TABLE probes ADD COLUMN hold_until INTEGER;
  CREATE INDEX probes_held ON probes (hold_until) WHERE hold_until IS NOT NULL;
  `,
  // What callers allowed an answer to be, and which prompts were the same. Few attempts do not answer, and reports of
  // waste want all of those.
  `
  ALTER TABLE operations ADD COLUMN max_tokens INTEGER;
  ALTER TABLE operations ADD COLUMN prompt_hash BLOB;
  CREATE INDEX attempts_lost ON attempts (operation) WHERE outcome <> 'ok';
  `,
  // A process that runs many requests knows how many of a tenant there are; for the others the few rows are read. The
  // first step made this index once: a new ledger that drops it would begin with a page that nobody uses.
  "DROP INDEX IF EXISTS reservations_tenant;",
];

/**
 * Sums of finished operations. Requests, failures and latency stand where the operation was answered or last tried, in
 * the row of its last attempt's target; tokens, cost and attempts where they arose.
 */
function rollupTable(name: string): string {
  return `CREATE TABLE ${name} (
    start INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    alias TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    outcome TEXT NOT NULL,
    ${ROLLUP_SUMS.map((column) => `${column} INTEGER NOT NULL DEFAULT 0 CHECK (${column} >= 0)`).join(",\n    ")},
    PRIMARY KEY (start, tenant, alias, provider, model, outcome)
  ) STRICT, WITHOUT ROWID;`;
}
