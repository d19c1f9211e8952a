import type { Completion, ModelFinish } from "../../core/completion.ts";
import { RiptideError } from "../../core/errors.ts";
import { plainText } from "../../core/text.ts";
import { textAt } from "../read.ts";

const FINISH: ReadonlyMap<string, ModelFinish> = new Map([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content_filter"],
  ["RECITATION", "content_filter"],
  ["LANGUAGE", "content_filter"],
  ["BLOCKLIST", "content_filter"],
  ["PROHIBITED_CONTENT", "content_filter"],
  ["SPII", "content_filter"],
  ["MODEL_ARMOR", "content_filter"],
]);

/** Reasons that are failures of the model: what it said cannot be used, and a second try often can. */
const FAILED = /^(?:MALFORMED_|UNEXPECTED_TOOL_CALL$|TOO_MANY_TOOL_CALLS$|MISSING_THOUGHT_SIGNATURE$|OTHER$)/;

/**
 * How a candidate ended. The vendor has no reason of its own for tool calls.
 * @throws RiptideError `provider_error` when it ended in a failure of the model.
 */
export function endingOf(
  candidate: unknown,
  hasCalls: boolean,
): Pick<Completion, "finish" | "unknownFinish" | "refusal"> {
  const reason = textAt(candidate, "finishReason") ?? "";
  if (FAILED.test(reason)) throw failed(reason);
  const words = plainText(textAt(candidate, "finishMessage") ?? "");
  const finish = reason.startsWith("IMAGE_") ? "content_filter" : FINISH.get(reason);
  if (finish === "content_filter") return { finish, refusal: words || reason };
  if (finish === "length") return { finish };
  const unknown = !finish && reason ? { unknownFinish: reason } : {};
  return { finish: hasCalls ? "tool_calls" : "stop", ...unknown };
}

/** The vendor's `finishMessage` is left out: it quotes the call that the model got wrong. */
const failed = (reason: string) =>
  new RiptideError("provider_error", `the model ended with ${plainText(reason)}`, {
    status: 200,
    action: "repair",
  });
