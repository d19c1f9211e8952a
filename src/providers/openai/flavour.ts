import type { RequestHeaders } from "../../wire/http.ts";
import type { ModelFacts } from "../capabilities.ts";

/** What differs between the servers that speak OpenAI's dialect. */
export interface OpenAiFlavour {
  /** The address of an operation; the model matters where it is part of the path. */
  url(operation: "chat/completions" | "embeddings" | "models", model?: string): string;
  readonly headers: RequestHeaders;
  /** The name a model is called by on the wire. */
  wireModel(model: string): string;
  facts(model: string): ModelFacts;
  /** Servers that follow an older version of the dialect know only `max_tokens`. */
  maxTokensField(facts: ModelFacts): "max_tokens" | "max_completion_tokens";
  /** Absent for servers that are too old to know the field. */
  readonly streamOptions?: Readonly<Record<string, boolean>>;
  /** Whether vectors are asked for as base64, a third of the bytes of decimal numbers. */
  readonly packedVectors: boolean;
  /** Whether the server has a list of models that can be used. */
  readonly listsModels: boolean;
}

/** A base address with an operation's path behind it, whatever slash the address ends in. */
export const operationUrl = (baseUrl: string, operation: string): string =>
  `${baseUrl.replace(/\/+$/, "")}/${operation}`;
