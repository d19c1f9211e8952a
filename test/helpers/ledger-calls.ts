import type { AdmissionRules, Quote } from "../../src/admission/rules.ts";
import type { Clock } from "../../src/core/clock.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { OperationStart } from "../../src/core/operation.ts";
import type { Settlement } from "../../src/ledger/settlement.ts";
import { admissionBooks } from "../../src/store/admission-books.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementBooks } from "../../src/store/settle.ts";

/** A tenant with a budget of its own, a limit of requests, and a budget over everything: what admission does most. */
const RULES: AdmissionRules = {
  tenant: "acme",
  requestsPerMinute: 1_000_000_000,
  budgets: [
    { tenant: "acme", period: "month", limitNano: 1e15, thresholds: [0.5, 0.8, 0.9, 1], degradeTo: null },
    { tenant: null, period: "month", limitNano: 1e15, thresholds: [0.5, 0.8, 0.9, 1], degradeTo: null },
  ],
  unpriced: "refuse",
};

const QUOTE: Quote = {
  ...{ provider: "anthropic", model: "claude-sonnet-4-5", inputTokens: 1_200, outputTokens: 400 },
  outputIsOpen: false,
  pricing: { worstNano: () => 10_000_000, outputFor: () => 400 },
};

/** The ledger's part of a request: admission before it, settlement after it. */
export interface LedgerCalls {
  readonly database: Database;
  /** @param n A number no other request of the file has. */
  request(n: string): Promise<void>;
}

export async function ledgerCalls(path: string, clock: Clock = systemClock): Promise<LedgerCalls> {
  const database = await openDatabase({ path, durability: "normal", clock, mayStartFresh: false });
  const admission = admissionBooks(database, { clock, owner: thisProcess() });
  const settlements = settlementBooks(database, clock);
  return {
    database,
    async request(n) {
      const operation = startOf(n, clock.wall());
      const asked = { operation, rules: RULES, quotes: [QUOTE], expiresInMs: 600_000, withinMs: 2_000 };
      const decision = await admission.admit(asked);
      if (!decision.ok) throw decision.error;
      await settlements.settle(settlementOf(operation, clock.wall()));
    },
  };
}

const startOf = (id: string, startedMs: number): OperationStart => ({
  ...{ id, tenant: "acme", requestedModel: "smart", alias: "smart", class: "completion", dialect: "cli" },
  ...{ strategy: "sequential", configRevision: "0123456789ab", generation: 0, idempotencyKey: null },
  ...{ stream: true, via: "in-process", tags: {}, startedMs },
});

const settlementOf = (operation: OperationStart, endedMs: number): Settlement => ({
  operation,
  ...{ outcome: "ok", code: null, endedMs, firstTokenMs: 412, winner: 1 },
  attempts: [
    {
      ...{ n: 1, kind: "try", provider: "anthropic", model: "claude-sonnet-4-5", endpoint: "0a1b2c3d" },
      ...{
        outcome: "ok",
        code: null,
        status: null,
        providerRequestId: null,
        trial: false,
        effect: "success",
        holdUntilMs: null,
      },
      ...{ ambiguous: false, startedMs: operation.startedMs, firstTokenMs: 412, endedMs },
      charge: {
        ...{ inputTokens: 1_143, cacheReadTokens: 512, cacheWriteTokens: 0, outputTokens: 212 },
        ...{ reasoningTokens: 0, source: "reported", note: null, costNano: 5_226_600 },
        priceVersion: "genai-prices@0.1.8",
      },
    },
  ],
  decision: { order: ["anthropic/claude-sonnet-4-5", "openai/gpt-4.1"], skipped: [] },
  budgets: RULES.budgets,
  tokensPerMinute: null,
});
