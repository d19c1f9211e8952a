import type { CompletionRequest, Message } from "../core/completion.ts";
import { RiptideError } from "../core/errors.ts";
import type { Capability, ModelFacts } from "./capabilities.ts";
import { forcesTool, lackOf } from "./conflicts.ts";
import { translated, withMessages } from "./verbatim.ts";

export interface Fitted {
  readonly request: CompletionRequest;
  /** One sentence for each parameter that was left out or changed. */
  readonly warnings: readonly string[];
}

/** Parameters that can be left out without changing what is asked. */
const DROPPABLE = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["stop", "stop"],
  ["seed", "seed"],
  ["effort", "effort"],
  ["parallelToolCalls", "parallel_tools"],
] as const satisfies readonly (readonly [keyof CompletionRequest, Capability])[];

/**
 * Fits a request to what a model can take. A parameter it cannot take is dropped with a warning; content it
 * cannot take makes the target unsuitable.
 * @throws RiptideError `unsupported` for tools, images or prefill the model lacks and, when `strict`, for each
 * parameter that would have been dropped.
 */
export function fitToModel(asked: CompletionRequest, facts: ModelFacts, strict: boolean): Fitted {
  requireContent(asked, facts);
  const { request, lost } = translated(asked, facts);
  const changes: Change[] = lost.map((lack) => ({ lack, remedy: " and was left out" }));
  const fitted: { -readonly [Key in keyof CompletionRequest]: CompletionRequest[Key] } = { ...request };
  for (const { field, lack } of droppedFrom(request, facts)) {
    delete fitted[field];
    changes.push({ lack, remedy: " and was left out" });
  }
  if (forcesTool(request) && !facts.supports.has("tool_choice")) {
    delete fitted.toolChoice;
    changes.push({ lack: "tool_choice cannot be forced on this model", remedy: " and was left out" });
  }
  const schemaLack = request.schema && lackOf("json_schema", request, facts);
  if (request.schema && schemaLack) {
    delete fitted.schema;
    const { messages, verbatim } = withMessages(request, [
      schemaInstruction(request.schema.schema),
      ...request.messages,
    ]);
    Object.assign(fitted, { messages, ...(verbatim && { verbatim }) });
    changes.push({
      lack: `json_schema is not taken ${schemaLack}`,
      remedy: ": the schema is sent as an instruction",
    });
  }
  const limit = facts.maxOutputTokens;
  if (limit !== undefined && (request.maxTokens ?? 0) > limit) {
    fitted.maxTokens = limit;
    changes.push({ lack: `max_tokens is above the model's ${limit}`, remedy: " and was lowered to it" });
  }
  if (strict && changes[0]) throw new RiptideError("unsupported", changes[0].lack);
  return { request: fitted, warnings: changes.map(({ lack, remedy }) => lack + remedy) };
}

/** What the model cannot take, and how the sentence goes on when that was mended and not refused. */
interface Change {
  readonly lack: string;
  readonly remedy: string;
}

function droppedFrom(request: CompletionRequest, facts: ModelFacts) {
  return DROPPABLE.flatMap(([field, capability]) => {
    const lack = request[field] === undefined ? undefined : lackOf(capability, request, facts);
    return lack ? [{ field, lack: `${capability} is not taken ${lack}` }] : [];
  });
}

function requireContent({ messages, tools }: CompletionRequest, facts: ModelFacts): void {
  const images = messages.flatMap(imagesOf);
  const needs: readonly (readonly [boolean, Capability, string])[] = [
    [(tools?.length ?? 0) > 0, "tools", "takes no tools"],
    [images.length > 0, "vision", "takes no images"],
    [images.some((image) => "url" in image), "image_url", "takes images by value, not by address"],
    [messages.at(-1)?.role === "assistant", "prefill", "cannot continue a begun answer"],
  ];
  for (const [needed, capability, lack] of needs) {
    if (needed && !facts.supports.has(capability)) throw new RiptideError("unsupported", `the model ${lack}`);
  }
}

function imagesOf(message: Message) {
  if (message.role !== "user" || typeof message.content === "string") return [];
  return message.content.filter((part) => part.type === "image");
}

function schemaInstruction(schema: unknown): Message {
  return {
    role: "system",
    content: `Answer with one JSON value and nothing else. It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`,
  };
}
