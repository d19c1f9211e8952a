/** Where a text stops being JSON. */
export interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** In UTF-16 units, from 1. */
  readonly column: number;
  readonly problem: string;
}

/** What may come next. */
type State = "value" | "firstValue" | "firstKey" | "key" | "colon" | "rest" | "end";
/** What a word does: it is a whole value, opens or closes something, or only leads on. */
type Step = "whole" | "open" | "close" | State;

/** The grammar of JSON (RFC 8259): a word that a state does not list may not come there. */
const STEPS: Readonly<Record<State, Readonly<Record<string, Step>>>> = {
  value: { '"': "whole", "0": "whole", "{": "open", "[": "open" },
  firstValue: { '"': "whole", "0": "whole", "{": "open", "[": "open", "]": "close" },
  firstKey: { '"': "colon", "}": "close" },
  key: { '"': "colon" },
  colon: { ":": "value" },
  rest: { ",": "rest", "}": "close", "]": "close" },
  end: {},
};

const WANTED: Readonly<Record<State, string>> = {
  value: "a value is expected",
  firstValue: "a value or ] is expected",
  firstKey: "a quoted name or } is expected",
  key: "a quoted name is expected",
  colon: "a colon is expected",
  rest: "a comma or a closing bracket is expected",
  end: "nothing more is expected",
};

/** Finds the first place that cannot be JSON, in a text that JSON.parse refused, without quoting any of it. */
export function faultOf(text: string): JsonFault {
  const open: string[] = [];
  let state: State = "value";
  let at = skipSpace(text, 0);
  for (let word = wordAt(text, at); word; word = wordAt(text, at)) {
    const next: State | undefined = after(state, word.sign, open);
    if (next === undefined) break;
    state = next;
    at = skipSpace(text, word.end);
  }
  const before = text.slice(0, at);
  return {
    line: before.split("\n").length,
    column: at - before.lastIndexOf("\n"),
    problem: at === text.length && state !== "end" ? "it ends too early" : WANTED[state],
  };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(text.charAt(at) || "x")) at += 1;
  return at;
}

/** The sign of a word is its first character; of all numbers and names it is `0`. */
interface Word {
  readonly sign: string;
  readonly end: number;
}

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function wordAt(text: string, at: number): Word | undefined {
  const sign = text.charAt(at);
  if (sign === '"') {
    const end = endOfString(text, at);
    return end === undefined ? undefined : { sign, end };
  }
  if (sign !== "" && "{}[],:".includes(sign)) return { sign, end: at + 1 };
  SCALAR.lastIndex = at;
  return SCALAR.test(text) ? { sign: "0", end: SCALAR.lastIndex } : undefined;
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const FIRST_PRINTABLE = 0x20;

function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '"') return at + 1;
    if (text.charCodeAt(at) < FIRST_PRINTABLE) return undefined;
    if (text.charAt(at) !== "\\") continue;
    ESCAPE.lastIndex = at;
    if (!ESCAPE.test(text)) return undefined;
    at = ESCAPE.lastIndex - 1;
  }
  return undefined;
}

/** Undefined where this word may not come now; `open` is kept up to date. */
function after(state: State, sign: string, open: string[]): State | undefined {
  const step = STEPS[state][sign];
  switch (step) {
    case "open":
      open.push(sign);
      return sign === "{" ? "firstKey" : "firstValue";
    case "close":
      return open.pop() === (sign === "}" ? "{" : "[") ? around(open) : undefined;
    case "whole":
      return around(open);
    case "rest":
      return open.at(-1) === "{" ? "key" : "value";
    default:
      return step;
  }
}

const around = (open: readonly string[]): State => (open.length > 0 ? "rest" : "end");
