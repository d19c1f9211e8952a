/** The head of an answer. */
export interface Head {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Reads one answer from its bytes, cut anywhere. */
export interface ReplyReader {
  /** What of the body has come with these bytes. @throws Error for what is no answer of ours */
  push(bytes: Buffer): readonly Buffer[];
  /** Undefined until it is whole. */
  head(): Head | undefined;
  /** The last byte of the body has come. */
  isWhole(): boolean;
}

type Step = "head" | "body" | "size" | "chunk" | "chunk end" | "last" | "whole";

interface Reading {
  step: Step;
  /** What has come and was not read. */
  rest: Buffer;
  /** So much is still to come of the body, or of the chunk. */
  left: number;
  head: Head | undefined;
}

/**
 * Reads HTTP/1.1 as strictly as the daemon writes it (RFC 9112): a body has a length or is chunked, and never ends by a
 * closed connection, since one that broke off would look the same.
 */
export function replyReader(): ReplyReader {
  const reading: Reading = { step: "head", rest: Buffer.alloc(0), left: 0, head: undefined };
  return {
    push(bytes) {
      reading.rest = reading.rest.length === 0 ? bytes : Buffer.concat([reading.rest, bytes]);
      return [...piecesOf(reading)];
    },
    head: () => reading.head,
    isWhole: () => reading.step === "whole",
  };
}

function* piecesOf(reading: Reading): Generator<Buffer> {
  while (reading.step !== "whole" && reading.rest.length > 0) {
    if (reading.step === "body") yield taken(reading, "whole");
    else if (reading.step === "chunk") yield taken(reading, "chunk end");
    else {
      const { end, maxBytes, read } = LINES[reading.step];
      const text = lineOf(reading, end, maxBytes);
      if (text === undefined) return;
      read(reading, text);
    }
  }
}

function taken(reading: Reading, next: Step): Buffer {
  const piece = reading.rest.subarray(0, reading.left);
  reading.rest = reading.rest.subarray(piece.length);
  reading.left -= piece.length;
  if (reading.left === 0) reading.step = next;
  return piece;
}

/** The next line without its end; undefined where it has not all come. */
function lineOf(reading: Reading, end: string, maxBytes: number): string | undefined {
  const { rest, step } = reading;
  const at = rest.indexOf(end);
  // All of the end but its last byte may have come.
  const length = at < 0 ? rest.length - end.length + 1 : at;
  if (length > maxBytes) throw new Error(`the ${step} is longer than ${maxBytes} bytes`);
  if (at < 0) return undefined;
  reading.rest = rest.subarray(at + end.length);
  return rest.toString("latin1", 0, at);
}

interface LineKind {
  readonly end: string;
  readonly maxBytes: number;
  read(reading: Reading, text: string): void;
}

/** Extensions and trailers nobody of ours sends. */
const LINES: Readonly<Record<Exclude<Step, "body" | "chunk" | "whole">, LineKind>> = {
  // As much as Node itself takes.
  head: { end: "\r\n\r\n", maxBytes: 16_384, read: readHead },
  size: { end: "\r\n", maxBytes: 8, read: readSize },
  "chunk end": { end: "\r\n", maxBytes: 0, read: (reading) => goTo(reading, "size") },
  last: { end: "\r\n", maxBytes: 0, read: (reading) => goTo(reading, "whole") },
};

function goTo(reading: Reading, step: Step): void {
  reading.step = step;
}

function readHead(reading: Reading, text: string): void {
  reading.head = headOf(text);
  const length = lengthOf(reading.head);
  reading.left = length ?? 0;
  goTo(reading, length === undefined ? "size" : length === 0 ? "whole" : "body");
}

function readSize(reading: Reading, text: string): void {
  if (!/^[\da-fA-F]+$/.test(text)) throw new Error("a chunk without a size");
  reading.left = Number.parseInt(text, 16);
  goTo(reading, reading.left === 0 ? "last" : "chunk");
}

const STATUS = /^HTTP\/1\.1 ([2-5]\d\d)(?: [^\r\n]*)?$/;
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;

function headOf(text: string): Head {
  const [first = "", ...rest] = text.split("\r\n");
  const status = STATUS.exec(first)?.[1];
  if (status === undefined) throw new Error("no status line");
  const headers = new Map<string, string>();
  for (const each of rest) {
    const [, name, value = ""] = HEADER.exec(each) ?? [];
    if (name === undefined) throw new Error("a header that is none");
    const key = name.toLowerCase();
    if (headers.has(key) && FRAMING.includes(key)) throw new Error(`two ${key}`);
    headers.set(key, value);
  }
  return { status: Number(status), headers };
}

const FRAMING = ["content-length", "transfer-encoding"];

/** Undefined for a chunked body. */
function lengthOf({ status, headers }: Head): number | undefined {
  const [length, coding] = FRAMING.map((name) => headers.get(name));
  if (coding !== undefined) {
    if (coding.toLowerCase() === "chunked" && length === undefined) return undefined;
    throw new Error("a body that is not framed as ours");
  }
  if (length === undefined && status === 204) return 0;
  if (length === undefined || !/^\d{1,15}$/.test(length)) throw new Error("a body without a length");
  return Number(length);
}
