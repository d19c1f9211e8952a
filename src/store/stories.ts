import { RiptideError } from "../core/errors.ts";
import type { Decision } from "../ledger/settlement.ts";
import type { Database } from "./database.ts";
import { countedOf } from "./effects.ts";

/** All that the ledger knows of one operation. Times are Unix milliseconds, money is nano-dollars. */
export interface Story {
  readonly operation: StoryOperation;
  /** Null while it runs, and where its process died. */
  readonly decision: Decision | null;
  readonly attempts: readonly StoryAttempt[];
  /** Held at this moment. */
  readonly heldNano: number;
}

export interface StoryOperation {
  readonly id: string;
  readonly tenant: string;
  readonly requestedModel: string;
  readonly alias: string | null;
  readonly class: string;
  readonly strategy: string;
  readonly configRevision: string;
  readonly idempotencyKey: string | null;
  readonly stream: number;
  readonly via: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly state: "held" | "settled" | "unreconciled";
  /** Null while it runs, and where its process died. */
  readonly outcome: "ok" | "error" | "cancelled" | null;
  readonly code: string | null;
  readonly ttftMs: number | null;
  readonly reservedNano: number;
  readonly costNano: number;
  readonly unpriced: number;
}

export interface StoryAttempt {
  readonly n: number;
  readonly kind: string;
  readonly provider: string;
  readonly model: string;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly status: number | null;
  readonly effect: string;
  readonly trial: boolean;
  readonly ambiguous: boolean;
  readonly holdUntilMs: number | null;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly ttftMs: number | null;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly usageSource: string;
  readonly usageNote: string | null;
  readonly priceVersion: string | null;
  readonly costNano: number;
}

/** An id that stands for several operations is not guessed at. */
const MAX_NAMED = 5;

/**
 * Reads an operation by its id, by the beginning of its id, or the last one that was begun for a caller.
 * @param id Null for the last one.
 * @throws RiptideError `not_found`; `usage` for a beginning that several ids share
 */
export function readStory(database: Database, id: string | null): Story {
  return database.read(() => {
    const seq = seqOf(database, id);
    // The columns are those of the queries, as the schema types them.
    const operation = database.prepare(OPERATION).get(seq) as unknown as StoryOperation;
    const kept = database.prepare("SELECT decision FROM decisions WHERE operation = ?").get(seq);
    const held = database.prepare("SELECT held_nano AS nano FROM reservations WHERE operation = ?").get(seq);
    return {
      operation,
      decision: kept ? (JSON.parse(String(kept.decision)) as Decision) : null, // Written by settleNow.
      attempts: attemptsOf(database, seq),
      heldNano: Number(held?.nano ?? 0),
    };
  });
}

function seqOf(database: Database, id: string | null): number {
  const rows = (
    id === null
      ? database
          .prepare("SELECT seq, id FROM operations WHERE tenant <> '_health' ORDER BY seq DESC LIMIT 1")
          .all()
      : database
          .prepare(
            `SELECT seq, id FROM operations WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id LIMIT ${MAX_NAMED}`,
          )
          .all(id)
  ) as { seq: number; id: string }[]; // The columns are those of the queries.
  const exact = rows.find((row) => row.id === id) ?? (rows.length === 1 ? rows[0] : undefined);
  if (exact) return exact.seq;
  if (rows.length > 1) {
    const reasons = rows.map((row) => row.id);
    throw new RiptideError("usage", `several requests begin with "${id}"`, {
      reasons,
      hint: "riptide costs top",
    });
  }
  const what = id === null ? "no request was made yet" : `no request "${id}" is known`;
  throw new RiptideError("not_found", what, { hint: "riptide costs export --kind operations" });
}

const OPERATION = `SELECT id, tenant, requested_model AS requestedModel, alias, class, strategy,
  config_revision AS configRevision, idempotency_key AS idempotencyKey, stream, via, started AS startedMs,
  ended AS endedMs, state, CASE state WHEN 'settled' THEN outcome END AS outcome, error_code AS code,
  ttft_ms AS ttftMs, reserved_nano AS reservedNano, cost_nano AS costNano, unpriced FROM operations WHERE seq = ?`;

const ATTEMPTS = `SELECT n, kind, provider, model, outcome, error_code AS code, http_status AS status, effect,
  ambiguous, hold_until AS holdUntilMs, started AS startedMs, ended AS endedMs, ttft_ms AS ttftMs,
  input_tokens AS inputTokens, cached_tokens AS cacheReadTokens, cache_write_tokens AS cacheWriteTokens,
  output_tokens AS outputTokens, reasoning_tokens AS reasoningTokens, usage_source AS usageSource,
  usage_note AS usageNote, price_version AS priceVersion, cost_nano AS costNano
  FROM attempts WHERE operation = ? ORDER BY n`;

interface AttemptRow extends Omit<StoryAttempt, "effect" | "trial" | "ambiguous"> {
  readonly effect: number;
  readonly ambiguous: number;
}

function attemptsOf(database: Database, seq: number): readonly StoryAttempt[] {
  const rows = database.prepare(ATTEMPTS).all(seq) as unknown as AttemptRow[]; // The columns are those of the query.
  return rows.map((row) => {
    const { effect, trial } = countedOf(row.effect);
    return { ...row, effect, trial, ambiguous: row.ambiguous === 1 };
  });
}
