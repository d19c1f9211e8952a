import type { Frame, Framer } from "./frame.ts";
import { lineSplitter } from "./line-splitter.ts";

/** One frame per line that is not blank; the last line needs no line feed (Ollama, `application/x-ndjson`). */
export function ndjsonFramer(): Framer {
  const splitter = lineSplitter("lf");
  return {
    push: (chunk) => framesOf(splitter.push(chunk)),
    end: () => framesOf([splitter.rest()]),
  };
}

/** A carriage return before the line feed is white space around the JSON text. */
const framesOf = (lines: readonly string[]): Frame[] =>
  lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((data) => ({ kind: "event", event: "", data }));
