import { MARK, tokenAt, tokenText } from "./tokens.ts";

/** What was seen of all streams; counted up as they come. */
export interface Tally {
  tokens: number;
  lost: number;
  merged: number;
  reordered: number;
  altered: number;
  bytesCompared: number;
}

/** One stream as it comes. */
export interface StreamCheck {
  /** @returns Whether there were tokens in it. */
  data(bytes: Buffer): boolean;
  /** @returns What is wrong with the whole of it. */
  end(): string | undefined;
}

const BLANK_LINE = "\n\n";
const texts: (tokens: number) => readonly string[] = (tokens) =>
  Array.from({ length: tokens }, (_, at) => tokenText(at));

/** Checks streams of so many tokens: each in an event of its own, in order, with the text that was sent. */
export function createStreamChecks(tokens: number, tally: Tally): () => StreamCheck {
  const expected = texts(tokens);
  return () => checkOf(expected, tally);
}

function checkOf(expected: readonly string[], tally: Tally): StreamCheck {
  let rest = "";
  let next = 0;
  let isEnded = false;
  let problem: string | undefined;

  function token(event: string, mark: number): void {
    const at = tokenAt(event, mark);
    tally.tokens += 1;
    if (at > next) tally.lost += at - next;
    if (at < next) tally.reordered += 1;
    if (event.startsWith(expected[at] ?? MARK, mark)) tally.bytesCompared += expected[at]?.length ?? 0;
    else tally.altered += 1;
    next = Math.max(next, at + 1);
  }

  function tokensOf(event: string): void {
    const first = event.indexOf(MARK);
    if (first < 0) other(event);
    for (let mark = first; mark >= 0; mark = event.indexOf(MARK, mark + 1)) {
      if (mark > first) tally.merged += 1;
      token(event, mark);
    }
  }

  function other(event: string): void {
    if (event.includes("[DONE]") || event.includes('"message_stop"')) isEnded = true;
    else if (/^event: *error|"error":/m.test(event)) problem ??= `error event ${codeOf(event)}`;
  }

  return {
    data(bytes) {
      rest += bytes.toString("latin1");
      const before = tally.tokens;
      for (let end = rest.indexOf(BLANK_LINE); end >= 0; end = rest.indexOf(BLANK_LINE)) {
        const event = rest.slice(0, end);
        rest = rest.slice(end + BLANK_LINE.length);
        tokensOf(event);
      }
      return tally.tokens > before;
    },
    end() {
      if (problem !== undefined) return problem;
      tally.lost += expected.length - next;
      if (!isEnded) return "a stream without its end";
      return rest === "" ? undefined : "a stream that ends within an event";
    },
  };
}

const codeOf = (event: string): string => /"(?:code|type)":"([a-z_]+)"[^"]*$/.exec(event)?.[1] ?? "";
