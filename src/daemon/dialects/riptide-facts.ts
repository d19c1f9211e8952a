import type { JsonObject } from "../../core/json.ts";
import { usdText } from "../../core/money.ts";
import { costOfAttempts } from "../../engine/cost.ts";
import type { CompletionResult } from "../../engine/events.ts";

/** What the headers of a whole answer say of it, for the last event of a stream. */
export function riptideFacts({ id, provider, model, attempts }: CompletionResult): JsonObject {
  const { nano, priced } = costOfAttempts(attempts);
  return {
    ...{ request_id: id, provider, model, attempts: attempts.length },
    cost_usd: priced ? usdText(nano) : null,
  };
}
