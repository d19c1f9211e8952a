import type { Json, JsonObject } from "../../../core/json.ts";
import { isObject } from "../../../providers/read.ts";

/**
 * What the body says of thinking, and whether that is left out: the vendor does not think on in a turn of tool calls that
 * began without thoughts, such as another vendor's, and refuses the request (Anthropic documentation, "Extended thinking
 * with tool use").
 */
export function thinkingOf({ thinking, messages }: JsonObject): {
  readonly thinking?: Json;
  readonly isLeftOut: boolean;
} {
  if (!isObject(thinking)) return { isLeftOut: false };
  const isLeftOut = thinking.type === "enabled" && isThoughtless(messages);
  return { ...(!isLeftOut && { thinking }), isLeftOut };
}

/** The turn goes back to the last message that brings no result of a tool. */
function isThoughtless(messages: Json | undefined): boolean {
  const turns = Array.isArray(messages) ? messages : [];
  const begun = turns.findLastIndex((turn) => roleOf(turn) === "user" && !holds(turn, ["tool_result"]));
  const turn = turns.slice(begun + 1).filter((each) => roleOf(each) === "assistant");
  return turn.some((each) => holds(each, ["tool_use"])) && !turn.some((each) => holds(each, THOUGHTS));
}

const THOUGHTS = ["thinking", "redacted_thinking"] as const;

const roleOf = (turn: Json) => (isObject(turn) ? turn.role : undefined);

function holds(turn: Json, types: readonly string[]): boolean {
  const blocks = isObject(turn) && Array.isArray(turn.content) ? turn.content : [];
  return blocks.some((block) => isObject(block) && types.includes(String(block.type)));
}
