import type { Frame } from "./frame.ts";

/** Longer bytes may hold lines that are too long, which are counted elsewhere. */
const MAX_BYTES = 64 * 1024;
const LF = 10;
const CR = 13;
const DATA = "data: ";
const EVENT = "event: ";

/**
 * The events of bytes that hold whole ones alone, each of one line of data, with or without its type: nearly all
 * there are, and for these neither lines nor fields have to be kept in between. Undefined where anything is otherwise.
 */
export function plainEvents(bytes: Buffer): readonly Frame[] | undefined {
  const { length } = bytes;
  if (
    length < 2 ||
    length > MAX_BYTES ||
    bytes[length - 1] !== LF ||
    bytes[length - 2] !== LF ||
    bytes.includes(CR)
  )
    return undefined;
  const text = bytes.toString("utf8", 0, length - 2);
  const frames: Frame[] = [];
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf("\n\n", start);
    const end = found < 0 ? text.length : found;
    const frame = frameAt(text, start, end);
    if (!frame) return undefined;
    frames.push(frame);
    start = end + 2;
  }
  return frames;
}

function frameAt(text: string, start: number, end: number): Frame | undefined {
  const isNamed = text.startsWith(EVENT, start);
  const nameEnd = isNamed ? text.indexOf("\n", start) : start - 1;
  const dataStart = nameEnd + 1 + DATA.length;
  if (dataStart > end || !text.startsWith(DATA, nameEnd + 1)) return undefined;
  const data = text.slice(dataStart, end);
  if (data.includes("\n")) return undefined;
  return { kind: "event", event: isNamed ? text.slice(start + EVENT.length, nameEnd) : "", data };
}
