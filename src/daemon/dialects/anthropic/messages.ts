import type { CompletionDialect } from "../dialect.ts";
import { answerOf } from "./answer.ts";
import { askOf } from "./ask.ts";
import { errorBody } from "./errors.ts";
import { streamWriter } from "./stream.ts";

/** Anthropic's Messages API: `POST /v1/messages`. */
export const anthropicMessages: CompletionDialect = {
  name: "anthropic",
  streamType: "text/event-stream",
  ask: askOf,
  answer: (result) => answerOf(result),
  stream: (_ask, facts) => streamWriter(facts),
  errorBody,
};
