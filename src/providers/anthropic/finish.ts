import type { Completion, ModelFinish } from "../../core/completion.ts";
import { textAt } from "../read.ts";

type Ending = Pick<Completion, "finish" | "unknownFinish" | "refusal">;

const FINISH: ReadonlyMap<string, ModelFinish> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "content_filter"],
]);

/** How an answer ended, from what holds `stop_reason`: a message, or the last delta of a streamed one. */
export function endingOf(value: unknown): Ending {
  const reason = textAt(value, "stop_reason") ?? "";
  const finish = FINISH.get(reason);
  if (!finish) return { finish: "stop", ...(reason && { unknownFinish: reason }) };
  if (reason !== "refusal") return { finish };
  const refusal = textAt(value, "stop_details", "explanation") ?? textAt(value, "stop_details", "category");
  return { finish, ...(refusal && { refusal }) };
}
