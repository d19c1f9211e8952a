import type { Database } from "./database.ts";
import { tenantFilter, type UsageAsk } from "./usage-reader.ts";

/** Which rows are read: those of operations that began in the range. */
export type LineAsk = Pick<UsageAsk, "range" | "tenant" | "probes">;

/** One finished operation. Times are Unix milliseconds. */
export interface OperationRow {
  readonly id: string;
  readonly tenant: string;
  readonly requestedModel: string;
  readonly alias: string | null;
  readonly class: string;
  readonly dialect: string;
  readonly strategy: string;
  readonly configRevision: string;
  readonly via: string;
  /** JSON of an object of texts; null without tags. */
  readonly tags: string | null;
  readonly stream: bigint;
  readonly startedMs: bigint;
  readonly endedMs: bigint | null;
  readonly outcome: string;
  readonly errorCode: string | null;
  readonly attempts: bigint;
  /** Where it was answered, or tried last; null when nothing was tried. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly firstTokenMs: bigint | null;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly reservedNano: bigint;
  readonly costNano: bigint;
  readonly overrunNano: bigint;
  /** 1 when a line has no price: the cost is then not all of it. */
  readonly unpriced: bigint;
  /** The same for the same prompt, in hexadecimal; null where no hashes are kept. */
  readonly promptHash: string | null;
}

/** One attempt, with what it shares with its operation. */
export interface AttemptRow {
  readonly id: string;
  readonly n: bigint;
  readonly tenant: string;
  readonly requestedModel: string;
  readonly alias: string | null;
  readonly tags: string | null;
  readonly class: string;
  readonly kind: string;
  readonly provider: string;
  readonly model: string;
  readonly outcome: string | null;
  readonly errorCode: string | null;
  readonly httpStatus: bigint | null;
  readonly providerRequestId: string | null;
  readonly startedMs: bigint;
  readonly endedMs: bigint;
  readonly firstTokenMs: bigint | null;
  readonly inputTokens: bigint;
  readonly cacheReadTokens: bigint;
  readonly cacheWriteTokens: bigint;
  readonly outputTokens: bigint;
  readonly reasoningTokens: bigint;
  readonly usageSource: string;
  readonly usageNote: string | null;
  readonly priceVersion: string | null;
  /** 0 for a line without a price, see {@link lineCost}. */
  readonly costNano: bigint;
  readonly operationStartedMs: bigint;
  readonly operationOutcome: string;
}

/** Operations in the order they began, one at a time. */
export function* readOperations(database: Database, ask: LineAsk): Generator<OperationRow> {
  const statement = database.prepare(`${OPERATIONS} ORDER BY o.started, o.seq`);
  statement.setReadBigInts(true);
  for (const row of statement.iterate(parametersOf(ask))) yield row as unknown as OperationRow; // As selected below.
}

/** Attempts in the order of their operations, one at a time. */
export function* readAttempts(database: Database, ask: LineAsk): Generator<AttemptRow> {
  const statement = database.prepare(ATTEMPTS);
  statement.setReadBigInts(true);
  for (const row of statement.iterate(parametersOf(ask))) yield row as unknown as AttemptRow; // As selected below.
}

/** The operations that cost most, dearest first. */
export function readDearest(database: Database, ask: LineAsk, most: number): readonly OperationRow[] {
  const statement = database.prepare(`${OPERATIONS} ORDER BY o.cost_nano DESC, o.started, o.seq LIMIT $most`);
  statement.setReadBigInts(true);
  const rows = statement.all({ ...parametersOf(ask), most });
  return rows as unknown as readonly OperationRow[]; // As selected below.
}

/** The operations that ended last, the newest first. */
export function readNewest(database: Database, ask: LineAsk, most: number): readonly OperationRow[] {
  const statement = database.prepare(NEWEST);
  statement.setReadBigInts(true);
  return statement.all({ ...parametersOf(ask), most }) as unknown as readonly OperationRow[]; // As selected below.
}

/** Operations whose process died, so that their reservation stands for what they cost. */
export function readUnreconciled(database: Database, ask: LineAsk): readonly OperationRow[] {
  const statement = database.prepare(`${OPERATIONS} AND state = 'unreconciled' ORDER BY o.started, o.seq`);
  statement.setReadBigInts(true);
  return statement.all(parametersOf(ask)) as unknown as readonly OperationRow[]; // As selected below.
}

/** So many lines are looked at for the price versions in them. */
const VERSION_LINES = 10_000;

/** The price versions of the newest lines of a range; `complete` when those are all its lines. */
export function readPriceVersions(database: Database, ask: LineAsk) {
  const found = database.prepare(VERSIONS).all({ ...parametersOf(ask), lines: VERSION_LINES + 1 });
  const rows = found as unknown as readonly VersionRow[]; // As selected below.
  const seen = rows.reduce((sum, { lines }) => sum + lines, 0);
  return {
    versions: rows.flatMap(({ version }) => version ?? []).toSorted(),
    complete: seen <= VERSION_LINES,
  };
}

interface VersionRow {
  readonly version: string | null;
  readonly lines: number;
}

/** What a line cost; null where its price is not known. What the provider does not bill needs no price. */
export const lineCost = ({ priceVersion, usageSource, costNano }: AttemptRow): bigint | null =>
  priceVersion === null && usageSource !== "none" && usageSource !== "unreconciled" ? null : costNano;

/** What an operation cost; null where no line of it has a price. */
export const operationCost = ({ unpriced, costNano }: OperationRow): bigint | null =>
  unpriced > 0n && costNano === 0n ? null : costNano;

const parametersOf = (ask: LineAsk) => ({
  since: ask.range.sinceMs,
  until: ask.range.untilMs,
  ...tenantFilter(ask),
});

const COUNTED = `o.started >= $since AND o.started < $until AND o.outcome IS NOT NULL
  AND ($tenant IS NULL OR o.tenant = $tenant) AND ($probes OR o.tenant <> '_health')`;

const OPERATION_COLUMNS = `SELECT o.id, o.tenant, o.requested_model AS requestedModel, o.alias, o.class, o.dialect, o.strategy,
    o.config_revision AS configRevision, o.via, o.tags, o.stream, o.started AS startedMs, o.ended AS endedMs, o.outcome,
    o.error_code AS errorCode, o.attempts, h.provider, h.model, o.ttft_ms AS firstTokenMs,
    coalesce((SELECT sum(input_tokens) FROM attempts WHERE operation = o.seq), 0) AS inputTokens,
    coalesce((SELECT sum(output_tokens) FROM attempts WHERE operation = o.seq), 0) AS outputTokens,
    o.reserved_nano AS reservedNano, o.cost_nano AS costNano, o.overrun_nano AS overrunNano, o.unpriced,
    iif(o.prompt_hash IS NULL, NULL, lower(hex(o.prompt_hash))) AS promptHash`;

const LAST_TRIED = `LEFT JOIN attempts h ON h.operation = o.seq
    AND h.n = coalesce(o.winner, (SELECT max(n) FROM attempts WHERE operation = o.seq))`;

const OPERATIONS = `${OPERATION_COLUMNS} FROM operations o ${LAST_TRIED} WHERE ${COUNTED}`;

// Rows are numbered in the order of their beginning: the newest are at the end, and nothing has to be sorted.
const NEWEST = `${OPERATION_COLUMNS} FROM operations o NOT INDEXED ${LAST_TRIED}
  WHERE o.seq >= (SELECT seq FROM operations WHERE started >= $since ORDER BY started LIMIT 1) AND ${COUNTED}
  ORDER BY o.seq DESC LIMIT $most`;

// A CROSS JOIN keeps SQLite from reading all attempts first.
const ATTEMPTS = `SELECT o.id, a.n, o.tenant, o.requested_model AS requestedModel, o.alias, o.tags, a.class, a.kind,
    a.provider, a.model, a.outcome, a.error_code AS errorCode, a.http_status AS httpStatus,
    a.provider_request_id AS providerRequestId, a.started AS startedMs, a.ended AS endedMs, a.ttft_ms AS firstTokenMs,
    a.input_tokens AS inputTokens, a.cached_tokens AS cacheReadTokens, a.cache_write_tokens AS cacheWriteTokens,
    a.output_tokens AS outputTokens, a.reasoning_tokens AS reasoningTokens, a.usage_source AS usageSource,
    a.usage_note AS usageNote, a.price_version AS priceVersion, a.cost_nano AS costNano,
    o.started AS operationStartedMs, o.outcome AS operationOutcome
  FROM operations o CROSS JOIN attempts a ON a.operation = o.seq
  WHERE ${COUNTED} ORDER BY o.started, o.seq, a.n`;

const VERSIONS = `SELECT version, count(*) AS lines FROM (
    SELECT a.price_version AS version FROM operations o CROSS JOIN attempts a ON a.operation = o.seq
    WHERE ${COUNTED} ORDER BY o.started DESC LIMIT $lines
  ) GROUP BY version`;
