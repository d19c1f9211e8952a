import type { ModelFinish } from "../../core/completion.ts";
import { isObject, textAt, valueAt } from "../read.ts";

/** How an answer ended; the same words are used whole and streamed. */
export interface Ending {
  readonly finish: ModelFinish;
  readonly unknownFinish?: string;
  readonly refusal?: string;
}

const FINISHES: Readonly<Record<string, ModelFinish>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
};

/** Reads how a choice ended. A refusal counts as filtered, whatever reason stands beside it. */
export function endingOf(choice: unknown, refusal: string, hasToolCalls: boolean): Ending {
  const reason = textAt(choice, "finish_reason") ?? "stop";
  if (refusal !== "") return { finish: "content_filter", refusal };
  const finish = Object.hasOwn(FINISHES, reason) ? FINISHES[reason] : undefined;
  if (finish === undefined) return { finish: hasToolCalls ? "tool_calls" : "stop", unknownFinish: reason };
  if (finish === "content_filter") return { finish, ...filterWords(choice) };
  // A tool that was forced by name ends with the reason "stop".
  return { finish: finish === "stop" && hasToolCalls ? "tool_calls" : finish };
}

/** Which of Azure's filters spoke, such as `filtered: violence`. */
function filterWords(choice: unknown): { readonly refusal?: string } {
  const results = valueAt(choice, "content_filter_results");
  if (!isObject(results)) return {};
  const names = Object.keys(results).filter((name) => valueAt(results, name, "filtered") === true);
  return names.length === 0 ? {} : { refusal: `filtered: ${names.join(", ")}` };
}
