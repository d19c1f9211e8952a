import { usdText } from "../../core/money.ts";
import type { InsightFacts } from "./facts.ts";
import { share, shellWord } from "./figures.ts";
import type { Insight } from "./insight.ts";

const LEAST_REQUESTS = 50;
/** An answer of a third of its limit is far from it. */
const FAR = 3;
/** Room above the longest answer, in whole steps. */
const ROOM = 1.25;
const STEP_TOKENS = 64;

/** Limits on answers that no answer came near: money is held for them while requests run. */
export const unusedOutputLimits = ({ outputLimits }: InsightFacts): readonly Insight[] =>
  outputLimits
    .filter(
      ({ requests, leastLimit, longestOutput }) =>
        requests >= LEAST_REQUESTS && longestOutput * FAR <= leastLimit,
    )
    .map(({ tenant, alias, requests, leastLimit, longestOutput, reservedNano, costNano }): Insight => {
      const enough = Math.ceil((longestOutput * ROOM) / STEP_TOKENS) * STEP_TOKENS;
      return {
        rule: "unused_output_limit",
        tenant,
        summary: `${alias || "targets named outright"}: ${requests} requests allowed at least ${leastLimit} tokens, and no answer was longer than ${longestOutput}`,
        evidence: {
          alias: alias || null,
          requests,
          least_max_tokens: leastLimit,
          longest_output_tokens: longestOutput,
          reserved_usd: usdText(reservedNano),
          settled_usd: usdText(costNano),
          settled_share: share(costNano, reservedNano),
        },
        method:
          "the longest answer beside the smallest limit, of the newest 100,000 requests that set one; a limit costs nothing itself, but holds money of budgets",
        savingNano: 0,
        confidence: "high",
        apply: `riptide complete${alias === "" ? "" : ` -m ${shellWord(alias)}`} --max-tokens ${enough}`,
      };
    });
