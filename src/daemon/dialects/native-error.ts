import type { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { costOfAttempts } from "../../engine/cost.ts";
import type { CompletionResult, Skip } from "../../engine/events.ts";
import { alertText } from "../../output/alert.ts";
import { costDocument, trailDocument } from "../../output/completion.ts";
import { errorDocument } from "../../output/error-text.ts";
import { toSnake } from "../../output/json.ts";
import type { Story } from "./dialect.ts";

/** An error as `riptide.error/1`, with all that a command line says of it besides. */
export function nativeError(error: RiptideError, id: string | undefined, story: Story = {}): JsonObject {
  const { partialText, attempts = [], skipped = [], alerts = [], warnings = [] } = story;
  const operation = { id, partialText, ...trailDocument({ attempts, skipped }) };
  return {
    ...errorDocument(error, operation),
    reasons: error.facts.reasons ?? [],
    ...(costOfAttempts(attempts).nano > 0 && { cost: toSnake(costDocument(attempts)) }),
    warnings,
    ...notices({ alerts, skipped }),
  };
}

/** What a command line says on stderr of a result, good or bad, and no document holds. */
export const notices = ({ alerts, skipped }: Pick<CompletionResult, "alerts" | "skipped">): JsonObject => ({
  alerts: alerts.map(alertText),
  skip_errors: skipped.map(skipError),
});

/** Why a candidate was skipped; they stand in the order of `skipped`. */
const skipError = ({ error: { code, message } }: Skip): JsonObject => ({ code, message });
