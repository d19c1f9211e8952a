import { hello } from "./control/hello.ts";
import { anthropicCountTokens } from "./dialects/anthropic/count-tokens.ts";
import { anthropicMessages } from "./dialects/anthropic/messages.ts";
import { nativeEmbedding } from "./dialects/native.ts";
import { openAiChat } from "./dialects/openai/chat.ts";
import { openAiEmbeddings } from "./dialects/openai/embeddings.ts";
import { completionRoute } from "./requests/completion.ts";
import { countingRoute } from "./requests/counting.ts";
import { embeddingRoute } from "./requests/embedding.ts";
import { modelRoute, modelsRoute } from "./requests/models.ts";
import { nativeRoute } from "./requests/native.ts";
import type { Route } from "./routes.ts";

/** What the daemon answers for callers; what it answers for operators is in control/table.ts. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "POST /v1/chat/completions": completionRoute(openAiChat),
  "POST /v1/embeddings": embeddingRoute(openAiEmbeddings),
  "GET /v1/models": modelsRoute,
  "GET /v1/models/**": modelRoute,
  "POST /v1/messages": completionRoute(anthropicMessages),
  "POST /v1/messages/count_tokens": countingRoute(anthropicCountTokens),
  "POST /riptide/v1/complete": nativeRoute(),
  "POST /riptide/v1/embed": embeddingRoute(nativeEmbedding),
  "GET /riptide/v1/hello": hello,
};
