import type { CompletionWork } from "../client/body.ts";
import type { Call } from "../command.ts";
import { idempotencyKeyOf, integerOf, maxCostOf, routeAsk, tagsOf, timeoutOf, wordOf } from "../values.ts";
import { readRequest } from "./ask.ts";

/** What a call asks for, whoever does it. */
export interface Work extends CompletionWork {
  readonly idempotencyKey: string | undefined;
}

const STREAM_RECOVERIES = ["continue", "off"] as const;

/**
 * Reads all that a call says.
 * @throws RiptideError `usage` for what cannot be used
 */
export async function readWork(call: Call, maxStdinBytes: number): Promise<Work> {
  const { given } = call;
  const buffered = given.has("no-stream") || given.has("schema") || call.format === "json";
  const request = await readRequest(call, maxStdinBytes);
  return {
    request,
    tags: tagsOf(given),
    maxCostNano: maxCostOf(call),
    idempotencyKey: idempotencyKeyOf(given),
    route: routeAsk(given),
    timeoutMs: timeoutOf(call),
    streamRecovery: wordOf(given, "stream-recovery", STREAM_RECOVERIES),
    maxAttempts: integerOf(given, "max-attempts", { min: 1, max: 100 }),
    stream: !buffered,
    strictParams: given.has("strict-params"),
    showReasoning: given.has("show-reasoning") || call.format === "jsonl",
  };
}
