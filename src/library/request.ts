import type {
  CompletionRequest as Asked,
  ContentPart,
  Effort,
  Message as Said,
  Tool,
  ToolCall,
  ToolChoice,
} from "../core/completion.ts";
import type { JsonObject } from "../core/json.ts";
import { checkRequest } from "./check.ts";

/** One message of a conversation. */
export type Message = Said;

/** Makes messages: `Message.user("…")`. */
export const Message = {
  system: (content: string): Message => ({ role: "system", content }),
  user: (content: string | readonly ContentPart[]): Message => ({ role: "user", content }),
  assistant: (content: string, toolCalls: readonly ToolCall[] = []): Message => ({
    ...{ role: "assistant", content },
    ...(toolCalls.length > 0 && { toolCalls }),
  }),
  /** The result of a call that the model has made. */
  tool: ({ id, name }: Pick<ToolCall, "id" | "name">, content: string, isError = false): Message => ({
    ...{ role: "tool", toolCallId: id, name, content },
    ...(isError && { isError }),
  }),
} as const;

/** What a request says besides its model and messages. */
export type Parameters = Omit<Asked, "messages" | "verbatim">;

/** A request as plain data; without a model the provider's own default answers. */
export interface PlainRequest extends Omit<Asked, "verbatim"> {
  /** An alias, `provider/model` or a model of the client's provider. */
  readonly model?: string;
}

/** A request, built step by step; each step gives a new one. */
export class CompletionRequest {
  /** An alias, `provider/model` or a model of the client's provider. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly parameters: Parameters;

  constructor(model: string, messages: readonly Message[], parameters: Parameters = {}) {
    this.model = model;
    this.messages = messages;
    this.parameters = parameters;
  }

  /** The same with more parameters. */
  with(parameters: Parameters): CompletionRequest {
    return new CompletionRequest(this.model, this.messages, { ...this.parameters, ...parameters });
  }

  /** The most tokens the answer may have. */
  withMaxTokens(maxTokens: number): CompletionRequest {
    return this.with({ maxTokens });
  }

  withTemperature(temperature: number): CompletionRequest {
    return this.with({ temperature });
  }

  withTopP(topP: number): CompletionRequest {
    return this.with({ topP });
  }

  /** Ends the answer before any of these texts. */
  withStop(...stop: readonly string[]): CompletionRequest {
    return this.with({ stop });
  }

  withSeed(seed: number): CompletionRequest {
    return this.with({ seed });
  }

  withEffort(effort: Effort): CompletionRequest {
    return this.with({ effort });
  }

  /** Functions the model may call. */
  withTools(tools: readonly Tool[], toolChoice?: ToolChoice): CompletionRequest {
    return this.with({ tools, ...(toolChoice !== undefined && { toolChoice }) });
  }

  /** The answer is JSON that is valid against this schema; it is parsed in `data`. */
  withSchema(schema: JsonObject, name = "answer"): CompletionRequest {
    return this.with({ schema: { name, schema } });
  }

  /** Fields of the vendor's own API, sent as they are. */
  withOptions(options: JsonObject): CompletionRequest {
    return this.with({ options });
  }
}

/** A request in the engine's words, and the model it names. @throws RiptideError `usage` for what is no request */
export function plainOf(request: CompletionRequest | PlainRequest | string): {
  readonly model: string | undefined;
  readonly request: Asked;
} {
  const said = plainData(request);
  checkRequest(said);
  const { model, ...rest } = said;
  return { model, request: rest };
}

function plainData(request: CompletionRequest | PlainRequest | string): PlainRequest {
  if (typeof request === "string") return { messages: request === "" ? [] : [Message.user(request)] };
  if (!(request instanceof CompletionRequest)) return request;
  const { model, messages, parameters } = request;
  return { model, messages, ...parameters };
}
