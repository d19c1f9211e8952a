import type { StreamEvent } from "../core/events.ts";
import { weighTokens } from "../providers/estimate.ts";
import type { Meter } from "./account.ts";
import type { Answer } from "./answer.ts";
import type { ReadEvents } from "./exchange.ts";
import { untilAborted } from "./limit.ts";

/**
 * Reads a stream for as long as more of it can be paid for. When there is no more money, the event that used it up is
 * the last one that is read, and the answer says what ended it.
 * @param signal Ends the wait for more money when the attempt ends.
 */
export function whilePaid(read: ReadEvents, meter: Meter, answer: Answer, signal: AbortSignal): ReadEvents {
  const readFrom = (events: readonly StreamEvent[], start: number): boolean | Promise<boolean> => {
    for (let at = start; at < events.length; at += 1) {
      const event = events[at];
      if (event && meter.add(outputTokens(event))) return topUp(events, at);
    }
    return read(events);
  };
  const topUp = async (events: readonly StreamEvent[], at: number): Promise<boolean> => {
    if (await untilAborted(meter.topUp(), signal)) return readFrom(events, at + 1);
    answer.endedBy = "budget";
    return read(events.slice(0, at + 1));
  };
  return (events) => readFrom(events, 0);
}

/** About how many tokens of output an event brings, whether the caller is shown them or not. */
function outputTokens(event: StreamEvent): number {
  if (event.type === "delta" || event.type === "reasoning") return weighTokens(event.text);
  return event.type === "tool_call" ? weighTokens((event.name ?? "") + event.argumentsDelta) : 0;
}
