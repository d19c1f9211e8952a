declare const safe: unique symbol;

/** Text a terminal shows as it reads: {@link sanitise} removed what a terminal would obey. */
export type SafeText = string & { readonly [safe]: true };

/** Takes untrusted text in pieces; the results joined are the sanitised whole, wherever the pieces were cut. */
export interface Sanitiser {
  push(text: string): string;
  /** What was held back; the sanitiser is then as new. */
  end(): string;
}

export type SanitiseMode = "auto" | "always" | "never";

/** Whether untrusted text going to a stream is sanitised: pipes and files get it unchanged unless told otherwise. */
export const shouldSanitise = (mode: SanitiseMode, isTty: boolean): boolean =>
  mode === "auto" ? isTty : mode === "always";

/** Whole untrusted text, safe for a terminal. */
export function sanitise(text: string): SafeText {
  const sanitiser = createSanitiser();
  return (sanitiser.push(text) + sanitiser.end()) as SafeText; // The one place that may say so.
}

/** Longest text of a provider in a message (ER-2). */
export const MAX_PROVIDER_TEXT = 200;

/** A stranger's text as part of a line of ours: safe, on one line, cut between code points. */
export function oneLine(text: string, most = MAX_PROVIDER_TEXT): string {
  const chars = [
    ...sanitise(text)
      .replace(/[\n\t\u2028\u2029]+/g, " ")
      .trim(),
  ];
  return chars.length > most ? `${chars.slice(0, most - 1).join("")}…` : chars.join("");
}

/** An escape sequence nobody ends may hide this much text, its introducer included (T-1). */
const MAX_SEQUENCE = 4_096;

/** All that is dropped from plain text: C0, DEL, C1, bidi overrides and isolates, tag characters. */
const UNSAFE = /[[\p{Cc}--[\n\t]]\u{202a}-\u{202e}\u{2066}-\u{2069}\u{e0000}-\u{e007f}]/v;
/** UTF-8 has no place for one; kept as it is, two of them could meet as a tag character once what was between is gone. */
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * The stateful sanitiser of untrusted text bound for a terminal (T-1). Escape sequences go as a whole, a carriage
 * return becomes a newline, and CR LF one newline. Half of a surrogate pair waits for the other half; if that never
 * comes it is shown as U+FFFD, which is what encoding makes of it.
 */
export function createSanitiser(): Sanitiser {
  let filter = createFilter();
  let held = "";
  return {
    push(text) {
      const whole = held + text;
      held = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? "";
      return filter(held ? whole.slice(0, -1) : whole);
    },
    end() {
      const rest = filter(held);
      filter = createFilter();
      held = "";
      return rest;
    },
  };
}

/** Removes from one text after another, each of whole code points, what a terminal obeys. */
function createFilter(): (text: string) => string {
  let mode: Mode = "text";
  let swallowed = 0;
  let afterReturn = false;

  const plain = (char: string, code: number): string => {
    const second = afterReturn && char === "\n";
    afterReturn = char === "\r";
    mode = INTRODUCERS[code] ?? "text";
    swallowed = mode === "text" ? 0 : char.length;
    if (afterReturn) return "\n";
    if (LONE_SURROGATE.test(char)) return "\ufffd";
    return second || UNSAFE.test(char) ? "" : char;
  };
  const take = (char: string): string => {
    const code = char.codePointAt(0) ?? 0;
    if (mode === "text") return plain(char, code);
    swallowed += char.length;
    const next = swallowed > MAX_SEQUENCE ? "abort" : follow(mode, code);
    if (next === "abort") return plain(char, code);
    mode = next;
    return "";
  };
  return (text) => {
    if (mode === "text" && !afterReturn && !UNSAFE.test(text) && text.isWellFormed()) return text;
    let kept = "";
    for (const char of text) kept += take(char);
    return kept;
  };
}

/** Where in the text we are; `osc` also ends at BEL, the other strings only at ST (xterm, Control Sequences). */
type Mode = "text" | "escape" | "intermediate" | "csi" | "osc" | "string";

const ESC = 0x1b;
const INTRODUCERS: Readonly<Record<number, Mode>> = {
  [ESC]: "escape",
  144: "string", // DCS
  152: "string", // SOS
  155: "csi",
  157: "osc",
  158: "string", // PM
  159: "string", // APC
};
const AFTER_ESCAPE: Readonly<Record<string, Mode>> = {
  P: "string",
  X: "string",
  "[": "csi",
  "]": "osc",
  "^": "string",
  _: "string",
};

/** CAN and SUB give up every sequence, ST ends it; all three go with it. */
const ENDS: ReadonlySet<number> = new Set([0x18, 0x1a, 0x9c]);
const BELL = 0x07;
/** Tab, line feed and carriage return stay text in the middle of a broken short sequence. */
const LAYOUT: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d]);

/** The mode after one more character of a sequence; `abort` when the character is not part of it. */
function follow(mode: Exclude<Mode, "text">, code: number): Mode | "abort" {
  if (ENDS.has(code)) return "text";
  if (code === ESC || (code >= 0x80 && code <= 0x9f)) return "abort";
  if (mode === "string") return mode;
  if (mode === "osc") return code === BELL ? "text" : mode;
  return followShort(mode, code);
}

function followShort(mode: "escape" | "intermediate" | "csi", code: number): Mode | "abort" {
  if (LAYOUT.has(code) || code > 0x7f) return "abort";
  if (code < 0x20 || code === 0x7f) return mode; // A terminal acts on these and reads on; here they are dropped.
  if (mode === "csi") return code < 0x40 ? mode : "text";
  if (code < 0x30) return "intermediate";
  return mode === "escape" ? (AFTER_ESCAPE[String.fromCharCode(code)] ?? "text") : "text";
}
