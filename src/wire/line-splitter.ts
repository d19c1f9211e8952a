import { RiptideError } from "../core/errors.ts";
import { byteBuffer } from "./byte-buffer.ts";
import { MAX_LINE_BYTES } from "./frame.ts";

/** Cuts bytes into lines without their ends; a line longer than {@link MAX_LINE_BYTES} is a `protocol_error`. */
export interface LineSplitter {
  push(chunk: Uint8Array): readonly string[];
  /** Whether a line has begun that has no end yet. */
  isWithin(): boolean;
  /** The last line, which had no end; empty when there is none. */
  rest(): string;
}

/** What ends a line: a line feed, or as in SSE also a carriage return, alone or before a line feed. */
export type LineEnds = "lf" | "cr-or-lf";

const LF = 10;
const CR = 13;
const NONE = Buffer.alloc(0);

/** A line is decoded when it is whole, so that a chunk may end within a character. */
export function lineSplitter(ends: LineEnds): LineSplitter {
  const pending = byteBuffer();
  let afterReturn = false;

  const take = (bytes: Buffer, from: number, to: number): string => {
    checkLength(pending.length() + to - from);
    if (pending.length() === 0) return bytes.toString("utf8", from, to);
    pending.append(bytes.subarray(from, to));
    const line = pending.view().toString("utf8");
    pending.discard(pending.length());
    return line;
  };

  const keep = (bytes: Buffer): void => {
    checkLength(pending.length() + bytes.length);
    if (bytes.length > 0) pending.append(bytes);
  };

  /** Nearly all streams end their lines with line feeds alone, and then all of them are decoded at once. */
  const lineFeeds = (bytes: Buffer): readonly string[] => {
    const last = bytes.lastIndexOf(LF);
    const first = pending.length() > 0 ? bytes.indexOf(LF) : -1;
    const begun = first < 0 ? [] : [take(bytes, 0, first)];
    const whole = first < last ? bytes.toString("utf8", first + 1, last).split("\n") : [];
    keep(bytes.subarray(last + 1));
    return begun.length > 0 ? [...begun, ...whole] : whole;
  };

  /** The same, line by line, where carriage returns may end lines, too. */
  const anyEnds = (bytes: Buffer): readonly string[] => {
    const lines: string[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      const isSecondHalf = byte === LF && afterReturn;
      afterReturn = byte === CR && ends === "cr-or-lf";
      if (byte !== LF && !afterReturn) continue;
      if (!isSecondHalf) lines.push(take(bytes, start, at));
      start = at + 1;
    }
    keep(bytes.subarray(start));
    return lines;
  };

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const isPlain = ends === "lf" || (!afterReturn && !bytes.includes(CR));
      // One that is long enough for a line that is too long is looked at line by line.
      return isPlain && bytes.length <= MAX_LINE_BYTES ? lineFeeds(bytes) : anyEnds(bytes);
    },
    isWithin: () => afterReturn || pending.length() > 0,
    rest: () => take(NONE, 0, 0),
  };
}

function checkLength(bytes: number): void {
  if (bytes > MAX_LINE_BYTES) {
    throw new RiptideError("protocol_error", `the stream holds a line above ${MAX_LINE_BYTES} bytes`);
  }
}
