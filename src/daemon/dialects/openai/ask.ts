import { z } from "zod";
import type { CompletionRequest, Effort, Verbatim } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { CompletionAsk } from "../dialect.ts";
import { anyName, readMember } from "../read-member.ts";
import { riptideMember } from "../riptide-member.ts";
import { type Prompt, promptOf } from "./prompt.ts";

/** A chat body as asked, with what only this dialect needs to know of it. */
export interface ChatAsk extends CompletionAsk {
  /** A stream ends with a chunk that tells the usage. */
  readonly includeUsage: boolean;
  /** The `riptide` member's own word on reasoning. */
  readonly wantsReasoning: boolean | undefined;
  readonly strictParams: boolean;
}

/**
 * Reads the body of a chat completion, with or without a `riptide` member.
 * @throws RiptideError `invalid_request`
 */
export function chatAsk(body: JsonObject): ChatAsk {
  const said = readMember(settings, body, "");
  const member = riptideMember(body.riptide, said.model ?? undefined);
  const prompt = promptOf(body, member.request.schema);
  const stream = said.stream ?? false;
  return {
    request: {
      messages: prompt.messages,
      ...samplingOf(said),
      ...prompt.rest,
      ...member.request,
      ...verbatimOf(body, prompt),
    },
    wishes: member.wishes,
    stream,
    showReasoning: member.showReasoning ?? false,
    wantsReasoning: member.showReasoning,
    strictParams: member.strictParams,
    includeUsage: said.stream_options?.include_usage ?? false,
    warnings: UNTOLD.filter((name) => isSaid(body[name])).map(
      (name) => `${name} was left out: an answer holds text and tool calls only`,
    ),
  };
}

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const satisfies Effort[];

/** Each setting may be null, which says the same as nothing. */
const settings = z.object({
  model: anyName.nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1, "expected 1: one answer is given").nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())], "expected a string or a list of strings").nullish(),
  seed: z.int().nullish(),
  reasoning_effort: z.enum(EFFORTS).nullish(),
  functions: z.null("functions are no longer supported: use tools").optional(),
  function_call: z.null("function_call is no longer supported: use tool_choice").optional(),
});

/** What would come back in a form that answers have no room for. */
const UNTOLD = ["logprobs", "top_logprobs", "modalities", "audio"];

const TRANSLATED: ReadonlySet<string> = new Set([
  ...Object.keys(settings.shape),
  ...["messages", "tools", "tool_choice", "parallel_tool_calls", "response_format", "riptide"],
  ...UNTOLD,
]);

const isSaid = (value: unknown) => value !== undefined && value !== null && value !== false;

function samplingOf(said: z.infer<typeof settings>): Partial<CompletionRequest> {
  const stop = typeof said.stop === "string" ? [said.stop] : said.stop;
  const found: { readonly [Key in keyof CompletionRequest]?: CompletionRequest[Key] | null | undefined } = {
    maxTokens: said.max_completion_tokens ?? said.max_tokens,
    temperature: said.temperature,
    topP: said.top_p,
    stop: stop?.length === 0 ? null : stop,
    seed: said.seed,
    effort: said.reasoning_effort,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => isGiven(value)));
}

const isGiven = (value: unknown) => value !== undefined && value !== null;

/** The caller's own words, where there are any that ours do not hold. */
function verbatimOf(body: JsonObject, { own, untranslatable }: Prompt): { readonly verbatim?: Verbatim } {
  const extras = Object.fromEntries(
    Object.entries(body).filter(([name, value]) => !TRANSLATED.has(name) && isGiven(value)),
  );
  const isPlain = Object.keys(extras).length + Object.keys(own).length === 0;
  if (isPlain && untranslatable === undefined) return {};
  return {
    verbatim: {
      dialect: "openai",
      extras,
      ...(Object.keys(own).length > 0 && { conversation: own }),
      ...(untranslatable !== undefined && { untranslatable }),
    },
  };
}
