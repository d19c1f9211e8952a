import type { StreamEvent } from "../../../src/core/events.ts";
import { chatDecoder } from "../../../src/providers/openai/stream.ts";
import type { Frame } from "../../../src/wire/frame.ts";
import { collect } from "../../helpers/drive.ts";

const frame = (data: string, kind: Frame["kind"] = "event"): Frame => ({ kind, event: "", data });

/** The events of chunks given as values; text goes as it is. */
export function decodeAll(...chunks: readonly unknown[]): readonly StreamEvent[] {
  const decode = chatDecoder();
  return chunks.flatMap((chunk) => decode(frame(typeof chunk === "string" ? chunk : JSON.stringify(chunk))));
}

export const collected = (...chunks: readonly unknown[]) => collect(decodeAll(...chunks));

export const decodeUnframed = (text: string) => chatDecoder()(frame(text, "unframed"));

export const delta = (fields: object, finish: string | null = null) => ({
  id: "chatcmpl-abc.123",
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});
