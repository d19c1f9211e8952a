import type { CompletionRequest } from "../../core/completion.ts";

/** What the mock's adapter sends to its transport, as JSON. */
export interface MockRequest extends CompletionRequest {
  readonly model: string;
  readonly stream: boolean;
}

export interface MockEmbeddingRequest {
  readonly texts: readonly string[];
  readonly dimensions?: number;
}

/** One line of a streamed answer. A buffered answer is one line that holds everything. */
export interface MockLine {
  readonly model?: string;
  readonly text?: string;
  /** Begins a tool call; `arguments` lines continue it. */
  readonly call?: { readonly id: string; readonly name: string };
  readonly arguments?: string;
  /** Only on the last line, which makes it the terminal marker. */
  readonly finish?: "stop" | "length" | "tool_calls";
  readonly usage?: { readonly input: number; readonly output: number };
}

/** The mock's idea of a token: about four characters. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / 4);

/** Everything in a request that a model would read, for its estimate. */
export function promptText({ messages, tools, schema }: CompletionRequest): string {
  const texts = messages.map(({ content }) =>
    typeof content === "string"
      ? content
      : content.map((part) => (part.type === "text" ? part.text : "")).join(""),
  );
  return [...texts, ...[tools, schema].map((extra) => (extra ? JSON.stringify(extra) : ""))].join("");
}
