import type { Json, JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

export type ImageMime = "image/png" | "image/jpeg" | "image/webp" | "image/gif";

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}
/** An image by value (base64, standard alphabet) or by address. */
export type ImagePart =
  | { readonly type: "image"; readonly mime: ImageMime; readonly base64: string }
  | { readonly type: "image"; readonly url: string };
export type ContentPart = TextPart | ImagePart;

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it; may be invalid when the answer was cut. */
  readonly arguments: string;
}

export type Message =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user"; readonly content: string | readonly ContentPart[] }
  | { readonly role: "assistant"; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | {
      readonly role: "tool";
      readonly toolCallId: string;
      readonly name: string;
      readonly content: string;
      readonly isError?: boolean;
    };

export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments, an object schema. */
  readonly parameters: JsonObject;
  readonly strict?: boolean;
}
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

export interface OutputSchema {
  readonly name: string;
  readonly schema: JsonObject;
}

/**
 * What a caller wrote in a vendor's own words and {@link CompletionRequest} cannot hold. A provider that speaks the
 * same words is sent it as it is.
 */
export interface Verbatim {
  readonly dialect: DialectName;
  /** Members of the body besides those that are translated. */
  readonly extras: JsonObject;
  /**
   * Members that make up the conversation, such as `messages`, `system` and `tools`, sent in place of our rendering of
   * them. Absent once the conversation was changed.
   */
  readonly conversation?: JsonObject;
  /**
   * Members that ours say too, but less exactly, such as `thinking`: sent in place of our rendering of them. Absent once
   * the conversation was changed.
   */
  readonly settings?: JsonObject;
  /** Features of the vendor's that are not on by themselves, by name. */
  readonly betas?: readonly string[];
  /** What of it has no translation, for people; providers of other words are then passed over as `unsupported`. */
  readonly untranslatable?: string;
}

/** Vendors' chat APIs that are spoken on both sides. */
export type DialectName = "openai" | "anthropic";

/** What a caller asks for, in no vendor's words. */
export interface CompletionRequest {
  readonly messages: readonly Message[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly schema?: OutputSchema;
  readonly effort?: Effort;
  /** Vendor fields sent as given, merged last into the body. */
  readonly options?: { readonly [key: string]: Json };
  readonly verbatim?: Verbatim;
}

/**
 * A model's thoughts in its vendor's own form, signed. Programs of that dialect give them back unchanged with the next
 * turn; to all others they mean nothing.
 */
export interface Thoughts {
  readonly dialect: DialectName;
  readonly block: JsonObject;
}

/** Why a model stopped. A vendor's unknown reason becomes `stop`, with the raw word kept beside it. */
export type ModelFinish = "stop" | "length" | "tool_calls" | "content_filter";
export type Finish = ModelFinish | "budget" | "cancelled" | "timeout" | "interrupted";

/** A whole answer of one provider. `usage` is absent when the provider reported none that can be believed. */
export interface Completion {
  readonly text: string;
  readonly reasoning: string;
  readonly thoughts?: readonly Thoughts[];
  readonly toolCalls: readonly ToolCall[];
  readonly finish: ModelFinish;
  /** The vendor's own word, when it is not one RipTide knows. */
  readonly unknownFinish?: string;
  /** The vendor's words on a refusal or filter. */
  readonly refusal?: string;
  readonly usage?: Usage;
  /** The model the vendor says answered. */
  readonly model?: string;
}
