import { type Clock, formatTime } from "../../core/clock.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { Attempt } from "../../engine/events.ts";
import type { Observer, Work } from "../observer.ts";
import { type Change, changesOf } from "./changes.ts";
import type { EventRing } from "./ring.ts";

/** A tenant that is refused again and again is told of no more often than this. */
const REFUSALS_EVERY_MS = 10_000;

/** Refusals that are about the tenant, not about the request. */
const TENANT_CODES: ReadonlySet<ErrorCode> = new Set([
  "tenant_denied",
  "tenant_rate_limited",
  "tenant_busy",
  "budget_exceeded",
]);

/** Tells of holds, failovers and refused tenants as requests end. */
export function workEvents(ring: EventRing, clock: Clock): Observer {
  const refusals = createRefusals(ring, clock);
  return {
    began: () => {},
    ended(work, { attempts, error }) {
      for (const attempt of attempts) tellHold(ring, attempt);
      for (const change of changesOf(attempts)) tellFailover(ring, work, change);
      const isRefused = error !== undefined && attempts.length === 0 && TENANT_CODES.has(error.code);
      if (isRefused) refusals.note(work.tenant, error.code);
    },
  };
}

function tellHold(ring: EventRing, { provider, model, code, holdUntilMs }: Attempt): void {
  if (holdUntilMs !== null) ring.add("hold", { provider, model, code, until: formatTime(holdUntilMs) });
}

function tellFailover(ring: EventRing, { id, tenant }: Work, { kind, from, to }: Change): void {
  if (kind !== "failover") return;
  ring.add("failover", {
    ...{ id, tenant },
    from: { provider: from.provider, model: from.model },
    to: { provider: to.provider, model: to.model },
    code: from.code,
    mode: to.recovery ?? "before_output",
  });
}

/** No more tenants than this are told apart, so that invented names cost no memory. */
const MAX_REFUSED = 1_000;

interface Refused {
  toldMs: number;
  /** Since it was told of. */
  count: number;
}

function createRefusals(ring: EventRing, { now }: Clock) {
  const refused = new Map<string, Refused>();
  return {
    note(tenant: string, code: ErrorCode): void {
      const key = `${code} ${tenant}`;
      const entry = refused.get(key) ?? { toldMs: Number.NEGATIVE_INFINITY, count: 0 };
      entry.count += 1;
      if (refused.size >= MAX_REFUSED && !refused.has(key)) refused.clear();
      refused.set(key, entry);
      if (now() - entry.toldMs < REFUSALS_EVERY_MS) return;
      ring.add("tenant", { tenant, code, refused: entry.count });
      entry.toldMs = now();
      entry.count = 0;
    },
  };
}
