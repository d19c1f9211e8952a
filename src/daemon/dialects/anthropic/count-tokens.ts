import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { CompletionRequest } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { TokenCount } from "../../../engine/count-tokens.ts";
import type { Dialect, Wishes } from "../dialect.ts";
import { riptideMember } from "../riptide-member.ts";
import { betasOf } from "./betas.ts";
import { errorBody } from "./errors.ts";
import { outputOf } from "./output-config.ts";
import { promptOf } from "./prompt.ts";
import { read } from "./read.ts";

/** A prompt whose tokens are to be counted. */
export interface CountAsk {
  readonly request: CompletionRequest;
  readonly wishes: Wishes;
}

/** A route that counts. */
export interface CountDialect extends Dialect {
  /** @throws RiptideError `invalid_request`, which names the wrong member as the vendor does. */
  ask(body: JsonObject, headers?: IncomingHttpHeaders): CountAsk;
  answer(count: TokenCount): JsonObject;
}

const model = z.string().min(1);

/** Anthropic's count of a prompt: `POST /v1/messages/count_tokens`. */
export const anthropicCountTokens: CountDialect = {
  name: "anthropic",
  ask(body, headers = {}) {
    const { wishes } = riptideMember(body.riptide, read(model, body.model, "model"));
    const { own, ...prompt } = promptOf(body);
    const { schema } = outputOf(body);
    const betas = betasOf(headers);
    const isOwn = Object.keys(own).length > 0 || betas.length > 0;
    const request: CompletionRequest = {
      ...prompt,
      ...(schema && { schema }),
      ...(isOwn && {
        verbatim: { dialect: "anthropic", extras: {}, ...(betas.length > 0 && { betas }), ...own },
      }),
    };
    return { request, wishes };
  },
  answer: ({ inputTokens }) => ({ input_tokens: inputTokens }),
  errorBody,
};
