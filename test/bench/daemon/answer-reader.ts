/** What is told of the answers on one connection. */
export interface AnswerSink {
  /** @param head Status line and header lines */
  head(status: number, head: string): void;
  data(bytes: Buffer): void;
  end(): void;
}

type State = "head" | "fixed" | "size" | "chunk" | "after-chunk" | "trailer";

const EMPTY = Buffer.alloc(0);

/**
 * Reads answers of HTTP/1.1 one after the other (RFC 9112), of a given or a chunked length; the least that measures a
 * server, for servers that are known to be sound.
 */
export function createAnswerReader(sink: AnswerSink): (bytes: Buffer) => void {
  let state: State = "head";
  let rest: Buffer = EMPTY;
  let left = 0;

  /** The text up to an end, which is taken away with it. */
  function taken(end: string): string | undefined {
    const at = rest.indexOf(end);
    if (at < 0) return undefined;
    const text = rest.toString("latin1", 0, at);
    rest = rest.subarray(at + end.length);
    return text;
  }

  function readHead(): boolean {
    const head = taken("\r\n\r\n");
    if (head === undefined) return false;
    sink.head(Number(head.slice(9, 12)), head);
    left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    state = Number.isNaN(left) ? "size" : "fixed";
    return true;
  }

  function readSize(): boolean {
    const line = taken("\r\n");
    if (line === undefined) return false;
    left = Number.parseInt(line, 16);
    state = left === 0 ? "trailer" : "chunk";
    return true;
  }

  function readData(next: State): boolean {
    const part = rest.subarray(0, left);
    rest = rest.subarray(part.length);
    left -= part.length;
    if (part.length > 0) sink.data(part);
    if (left > 0) return false;
    state = next;
    if (next === "head") sink.end();
    return true;
  }

  function skipLine(next: State): boolean {
    if (taken("\r\n") === undefined) return false;
    state = next;
    if (next === "head") sink.end();
    return true;
  }

  const steps: Readonly<Record<State, () => boolean>> = {
    head: readHead,
    fixed: () => readData("head"),
    size: readSize,
    chunk: () => readData("after-chunk"),
    "after-chunk": () => skipLine("size"),
    trailer: () => skipLine("head"),
  };

  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (steps[state]() && (rest.length > 0 || (state === "fixed" && left === 0))) {
      // Each step takes what it can of the bytes.
    }
  };
}
