import { expect, it } from "vitest";
import type { NewestAttempt } from "../../src/ledger/recent-facts.ts";
import { providerPerformance } from "../../src/ledger/recent-performance.ts";

const attempt = (more: Partial<NewestAttempt>): NewestAttempt => ({
  ...{ id: "rq_1", tenant: "default", requestedModel: "smart", n: 1, provider: "p", model: "m" },
  ...{ outcome: "ok", code: null, effect: "success", startedMs: 0, firstTokenMs: null, totalMs: 10 },
  outputTokens: 1,
  ...more,
});

it("has the percentiles of all answers of a provider, not those of its slowest model", () => {
  const quick = Array.from({ length: 39 }, () => attempt({ model: "quick", totalMs: 10 }));
  const [found] = providerPerformance([...quick, attempt({ model: "slow", totalMs: 900 })]);
  expect(found).toMatchObject({ provider: "p", attempts: 40, successRate: 1, total: { p95Ms: 10 } });
});

it("takes what was cancelled for no success and no failure", () => {
  const cancelled = attempt({ outcome: "cancelled" });
  const failed = attempt({ outcome: "error", code: "overloaded" });
  expect(providerPerformance([cancelled, failed])).toMatchObject([
    { attempts: 2, failed: 1, successRate: 0 },
  ]);
  expect(providerPerformance([cancelled])).toMatchObject([{ attempts: 1, failed: 0, successRate: null }]);
});
