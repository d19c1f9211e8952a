import { RiptideError } from "../core/errors.ts";

/** Decides what of a provider's text the caller is given. */
export interface TextGate {
  /** The part that may be handed on now; empty while there is none. */
  push(text: string): string;
  /**
   * What was still kept when the answer is whole.
   * @throws RiptideError `unsupported` when it ended before it had come to what is new.
   */
  end(): string;
}

/**
 * Hands on everything, in whole characters: the first half of a pair waits for the second one, and a half that stays
 * alone becomes the replacement character (SR-6).
 */
export function characters(): TextGate {
  let half = "";
  return {
    push(text) {
      if (half === "" && text.isWellFormed()) return text;
      const piece = half + text;
      half = isHighSurrogate(piece.charCodeAt(piece.length - 1)) ? piece.slice(-1) : "";
      return (half === "" ? piece : piece.slice(0, -1)).toWellFormed();
    },
    end() {
      const rest = half.toWellFormed();
      half = "";
      return rest;
    },
  };
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/**
 * Leaves out, once and at the start, what was delivered but could not be part of the begun answer (SR-5): the white
 * space at its end, all of which or the last of which the model may write again.
 */
export function without(dropped: string): TextGate {
  const inner = characters();
  let lead = "";
  let isPast = dropped === "";
  const past = (text: string): string => {
    isPast = true;
    return text.slice(Math.max(commonLength(dropped, text), repeatedEnd(dropped, text)));
  };
  return {
    push(text) {
      const piece = inner.push(text);
      if (isPast) return piece;
      lead += piece;
      const mayGoOn = lead.length < dropped.length && lead.trimStart() === "";
      return mayGoOn ? "" : past(lead);
    },
    end() {
      const rest = inner.end();
      return isPast ? rest : past(lead + rest);
    },
  };
}

/** Keeps back exactly what was delivered before, and hands on what comes after it (SR-4). */
export function beyond(delivered: string): TextGate {
  const inner = characters();
  let at = 0;
  return {
    push(text) {
      const piece = inner.push(text);
      if (at === delivered.length) return piece;
      const known = piece.slice(0, delivered.length - at);
      if (!delivered.startsWith(known, at)) throw differs();
      at += known.length;
      return piece.slice(known.length);
    },
    end() {
      if (at < delivered.length) throw differs();
      return inner.end();
    },
  };
}

const differs = () =>
  new RiptideError("unsupported", "its own answer does not begin with the text that was delivered");

/** How much of the end of one text the other begins with. */
function repeatedEnd(ended: string, text: string): number {
  let length = Math.min(ended.length, text.length);
  while (length > 0 && !text.startsWith(ended.slice(-length))) length -= 1;
  return length;
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
