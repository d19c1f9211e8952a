import type { Settlement } from "../../src/ledger/settlement.ts";

/** A finished operation of one attempt, as the emergency file keeps it. */
export const settlementFor = (id: string, startedMs: number, costNano = 1_000): Settlement => ({
  operation: {
    ...{ id, tenant: "acme", requestedModel: "m", alias: null, class: "completion", dialect: "cli" },
    ...{ strategy: "sequential", configRevision: "0", generation: 0, idempotencyKey: null },
    ...{ stream: false, via: "in-process", tags: {}, startedMs },
  },
  ...{ outcome: "ok", code: null, endedMs: startedMs + 10, firstTokenMs: null, winner: 1 },
  attempts: [
    {
      ...{ n: 1, kind: "try", provider: "p", model: "m", endpoint: "e", outcome: "ok", code: null },
      ...{ status: null, providerRequestId: null, trial: false, effect: "success", holdUntilMs: null },
      ambiguous: false,
      ...{ startedMs, firstTokenMs: null, endedMs: startedMs + 10 },
      charge: {
        ...{ inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
        ...{ source: "reported", note: null, costNano, priceVersion: "test" },
      },
    },
  ],
  decision: { order: ["p/m"], skipped: [] },
  ...{ budgets: [], tokensPerMinute: null },
});
