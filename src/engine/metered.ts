import type { StreamEvent } from "../core/events.ts";
import { weighTokens } from "../providers/estimate.ts";
import type { Meter } from "./account.ts";
import type { Answer } from "./answer.ts";
import { untilAborted } from "./limit.ts";

/**
 * The events of a stream for as long as more of it can be paid for. When there is no more money, the event that used it
 * up is the last one, and the answer says what ended it.
 * @param signal Ends the wait for more money when the attempt ends.
 */
export async function* whilePaid(
  batches: AsyncIterable<readonly StreamEvent[]>,
  meter: Meter,
  answer: Answer,
  signal: AbortSignal,
): AsyncGenerator<readonly StreamEvent[]> {
  for await (const events of batches) {
    for (const [index, event] of events.entries()) {
      if (!meter.add(outputTokens(event)) || (await untilAborted(meter.topUp(), signal))) continue;
      answer.endedBy = "budget";
      yield events.slice(0, index + 1);
      return;
    }
    yield events;
  }
}

/** About how many tokens of output an event brings, whether the caller is shown them or not. */
function outputTokens(event: StreamEvent): number {
  if (event.type === "delta" || event.type === "reasoning") return weighTokens(event.text);
  return event.type === "tool_call" ? weighTokens((event.name ?? "") + event.argumentsDelta) : 0;
}
