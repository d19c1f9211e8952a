import type { AdmissionAsk } from "../admission/books.ts";
import type { AdmissionState, Refused } from "../admission/decide.ts";
import { requestRate, take } from "../admission/gcra.ts";
import { takeLimits } from "../admission/limits.ts";
import type { Clock } from "../core/clock.ts";
import type { ErrorCode, RiptideError } from "../core/errors.ts";
import { spanOf } from "../core/period.ts";
import type { Database } from "./database.ts";

/** Refusals for rate that need no look at the ledger, since it was just looked at. */
export interface RecentRefusals {
  /** Called for what the ledger made one refuse. */
  note(ask: AdmissionAsk, state: AdmissionState): void;
  /** The refusal of a tenant whose requests are used up still; undefined where only the ledger can tell. */
  again(ask: AdmissionAsk): Refused | undefined;
}

/** So long a tenant that was resumed, suspended or given other limits may be told of what was before. */
const FRESH_MS = 100;
/** Invented names must not fill the memory. */
const MAX_TENANTS = 1_000;
/** A refusal is not held up by its own count for longer. */
export const COUNT_WITHIN_MS = 50;

/**
 * A tenant far over its limit costs others as little as can be (TA-6): what uses up its requests only ever grows, in
 * every process, so that whoever was refused a moment ago is refused now without a transaction. These refusals are
 * counted together, a moment later.
 */
export function recentRefusals(database: Database, clock: Clock): RecentRefusals {
  const recent = new Map<string, Recent>();

  function write(tenant: string, entry: Recent): void {
    const count = entry.uncounted;
    entry.uncounted = 0;
    const work = () => countRefusals(database, { tenant, code: CODE, count }, clock.wall());
    void database.transact(work, COUNT_WITHIN_MS).catch(() => undefined);
  }

  return {
    note({ rules: { tenant } }, state) {
      if (recent.size >= MAX_TENANTS) recent.clear();
      recent.set(tenant, { state, untilMs: clock.now() + FRESH_MS, uncounted: 0 });
    },
    again({ rules, quotes, operation }) {
      const entry = recent.get(rules.tenant);
      if (!entry || operation.idempotencyKey !== null || clock.now() >= entry.untilMs) return undefined;
      const state = { ...entry.state, nowMs: clock.wall() };
      const { requestsPerMinute: limit } = rules;
      if (limit === undefined || take(state.requestsTatUs, requestRate(limit), state.nowMs).ok)
        return undefined;
      const error = takeLimits(rules, quotes, state);
      if (!("code" in error) || error.code !== CODE) return undefined;
      if (entry.uncounted === 0) clock.timer(FRESH_MS, () => write(rules.tenant, entry));
      entry.uncounted += 1;
      return { ok: false, error };
    },
  };
}

const CODE = "tenant_rate_limited" satisfies ErrorCode;

interface Recent {
  readonly state: AdmissionState;
  /** On the monotonic clock. */
  readonly untilMs: number;
  uncounted: number;
}

/** Counts refusals for the tenant's figures, inside a transaction; no limit goes by them. */
export function countRefusals(
  database: Database,
  {
    tenant,
    code,
    count,
  }: { readonly tenant: string; readonly code: RiptideError["code"]; readonly count: number },
  wallMs: number,
): void {
  database
    .prepare(
      `INSERT INTO refusals (tenant, hour, code, count) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    )
    .run(tenant, spanOf("hour", wallMs).startMs, code, count);
}
