import type { CompletionDialect } from "../dialect.ts";
import { chatAnswer } from "./answer.ts";
import { chatAsk } from "./ask.ts";
import { openAiError } from "./errors.ts";
import { chatStream } from "./stream.ts";

/** OpenAI's chat completions (API reference, "Create chat completion"). */
export const openAiChat: CompletionDialect = {
  name: "openai",
  ask: chatAsk,
  answer: (result, _ask, facts) => chatAnswer(result, facts),
  stream: chatStream,
  streamType: "text/event-stream",
  errorBody: openAiError,
};
