import type { JsonObject } from "../../core/json.ts";
import type { PipelineEvent } from "../../engine/events.ts";
import type { CallFacts } from "../../output/completion.ts";
import { eventDocument } from "../../output/events.ts";
import { nativeError, notices } from "./native-error.ts";

/**
 * The events of a completion as documents: those of `-o jsonl`, and with the last one all that a command line has to
 * say besides, so that a caller of the daemon is told the same as one without it.
 */
export function nativeEvents(facts: CallFacts): (event: PipelineEvent) => JsonObject {
  let id = "";
  return (event) => {
    if (event.type === "error") return { type: "error", ...nativeError(event.error, event.id, event) };
    if (event.type === "start") id = event.id;
    const document = eventDocument(event, { id, facts });
    return event.type === "end" ? { ...document, ...notices(event.completion) } : document;
  };
}
