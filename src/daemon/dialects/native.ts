import type { JsonObject } from "../../core/json.ts";
import { alertText } from "../../output/alert.ts";
import { type CallFacts, completionDocument } from "../../output/completion.ts";
import { embeddingDocument } from "../../output/embedding.ts";
import type { AnswerFacts, CompletionDialect, EmbeddingDialect } from "./dialect.ts";
import { nativeError, notices } from "./native-error.ts";
import { nativeEvents } from "./native-events.ts";
import { chatAsk } from "./openai/ask.ts";
import { embeddingAsk } from "./openai/embeddings.ts";

/** RipTide's own words: OpenAI's body with a `riptide` member, answered as `riptide complete --json` does. */
export const nativeCompletion: CompletionDialect = {
  name: "native",
  ask: nativeAsk,
  answer(result, _ask, facts) {
    const warnings = [...result.warnings, ...result.alerts.map(alertText)];
    return completionDocument({ ...result, warnings }, callFacts(facts));
  },
  stream: (_ask, facts) => {
    const documentOf = nativeEvents(callFacts(facts));
    return (event) => `${JSON.stringify(documentOf(event))}\n`;
  },
  streamType: "application/x-ndjson",
  errorBody: nativeError,
};

/** The same with its stream as server-sent events, named by their type. */
export const nativeSse: CompletionDialect = {
  ...nativeCompletion,
  stream: (_ask, facts) => {
    const documentOf = nativeEvents(callFacts(facts));
    return (event) => `event: ${event.type}\ndata: ${JSON.stringify(documentOf(event))}\n\n`;
  },
  streamType: "text/event-stream",
};

/** OpenAI's body of embeddings, answered as `riptide embed --json` does. */
export const nativeEmbedding: EmbeddingDialect = {
  name: "native",
  ask: embeddingAsk,
  answer: (result) => ({ ...embeddingDocument(result), warnings: result.warnings, ...notices(result) }),
  errorBody: nativeError,
};

/** The same for a caller that accepts nothing but a stream. */
export const streaming = (dialect: CompletionDialect): CompletionDialect => ({
  ...dialect,
  ask: (body, headers) => ({
    ...dialect.ask({ ...body, stream: true }, headers),
    atOnce: body.stream === false,
  }),
});

/** A stream tells of reasoning unless it is told not to, as `-o jsonl` does. */
function nativeAsk(body: JsonObject) {
  const ask = chatAsk(body);
  return { ...ask, showReasoning: ask.wantsReasoning ?? ask.stream };
}

const callFacts = ({ requested, tenant, tags, configRevision }: AnswerFacts): CallFacts => ({
  ...{ requested, tenant, tags, configRevision },
  via: "daemon",
});
