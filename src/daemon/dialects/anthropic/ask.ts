import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { CompletionRequest, Verbatim } from "../../../core/completion.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import type { CompletionAsk } from "../dialect.ts";
import { anyName } from "../read-member.ts";
import { riptideMember } from "../riptide-member.ts";
import { betasOf } from "./betas.ts";
import { effortOfThinking } from "./effort.ts";
import { outputOf } from "./output-config.ts";
import { CONVERSATION, type Prompt, promptOf } from "./prompt.ts";
import { read } from "./read.ts";
import { thinkingOf } from "./thinking.ts";

const share = z.number().min(0).max(1).nullish();
const settings = z.object({
  model: anyName,
  max_tokens: z.int().min(1),
  temperature: share,
  top_p: share,
  stop_sequences: z.array(z.string()).nullish(),
  stream: z.boolean().nullish(),
});

/**
 * A body of the Messages API, and the header that goes with it, as a request.
 * @throws RiptideError `invalid_request`, which names the wrong member as the vendor does.
 */
export function askOf(body: JsonObject, headers: IncomingHttpHeaders = {}): CompletionAsk {
  const { model, max_tokens: maxTokens, stream, ...sampling } = read(settings, body, "");
  const { wishes, strictParams, request: wished } = riptideMember(body.riptide, model);
  const { own, ...prompt } = promptOf(body);
  const { schema, effort = effortOfThinking(body), own: output } = outputOf(body);
  const { thinking, isLeftOut } = thinkingOf(body);
  const ownSettings = { ...(thinking && { thinking }), ...(output && { output_config: output }) };
  const request: CompletionRequest = {
    ...prompt,
    maxTokens,
    ...samplingOf(sampling),
    ...(schema && { schema }),
    ...(effort && { effort }),
    ...wished,
    ...verbatimOf({ own, settings: ownSettings, extras: extrasOf(body), betas: betasOf(headers) }),
  };
  return {
    ...{ request, wishes, strictParams, stream: stream === true, showReasoning: false },
    warnings: isLeftOut ? [NO_THOUGHTS] : [],
  };
}

const NO_THOUGHTS =
  "thinking was left out: the tool calls of this turn came without thoughts, and the vendor goes on with none";

/** Members that are translated, or that only RipTide reads. What is left is for the vendor alone. */
const TRANSLATED: ReadonlySet<string> = new Set([
  ...CONVERSATION,
  "model",
  "max_tokens",
  "temperature",
  "top_p",
  "stop_sequences",
  "stream",
  "thinking",
  "output_config",
  "riptide",
]);

const extrasOf = (body: JsonObject): { readonly [name: string]: Json } =>
  Object.fromEntries(Object.entries(body).filter(([name, value]) => value !== null && !TRANSLATED.has(name)));

function samplingOf(
  sampling: Pick<z.infer<typeof settings>, "temperature" | "top_p" | "stop_sequences">,
): Partial<CompletionRequest> {
  const { temperature, top_p: topP, stop_sequences: stop } = sampling;
  return {
    ...(typeof temperature === "number" && { temperature }),
    ...(typeof topP === "number" && { topP }),
    ...(stop && stop.length > 0 && { stop }),
  };
}

interface OwnWords {
  readonly own: Prompt["own"];
  readonly settings: JsonObject;
  readonly extras: JsonObject;
  readonly betas: readonly string[];
}

function verbatimOf({ own, settings, extras, betas }: OwnWords): { readonly verbatim?: Verbatim } {
  const isEmpty = (part: object) => Object.keys(part).length === 0;
  if ([own, settings, extras, betas].every(isEmpty)) return {};
  return {
    verbatim: {
      dialect: "anthropic",
      extras,
      ...(betas.length > 0 && { betas }),
      ...(!isEmpty(settings) && { settings }),
      ...own,
    },
  };
}
