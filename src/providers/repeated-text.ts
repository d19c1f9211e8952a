/**
 * Reads the chunks of a stream that differ from the one before in one string alone, which are most of them, without
 * taking each apart: what comes before and after the string is the same, so it means the same.
 */
export interface RepeatedText {
  /** The string of a chunk that is otherwise like the one learnt last; undefined where it has to be parsed. */
  read(chunk: string): string | undefined;
  /** From a chunk that was parsed and says nothing but this text, in its first member of that name. */
  learn(chunk: string, member: string, text: string): void;
}

/** Some vendors fill up each chunk with something else: after so many in a row, none is expected any more. */
const MAX_MISSES = 8;

/** What a string of JSON cannot hold as it is, or that says something else than it is. */
const SPECIAL = /["\\\p{Cc}]/u;

export function repeatedText(): RepeatedText {
  let before = "";
  let after = "";
  let misses = 0;
  return {
    read(chunk) {
      const length = chunk.length - before.length - after.length;
      if (before === "" || length < 0 || !chunk.startsWith(before) || !chunk.endsWith(after))
        return undefined;
      const text = chunk.slice(before.length, before.length + length);
      if (SPECIAL.test(text)) return undefined;
      misses = 0;
      return text;
    },
    learn(chunk, member, text) {
      if (misses > MAX_MISSES || SPECIAL.test(text)) return;
      misses += 1;
      const name = `"${member}":`;
      const at = chunk.indexOf(name);
      const start = chunk.indexOf('"', at + name.length) + 1;
      const end = start + text.length;
      const isFound =
        at >= 0 &&
        start > 0 &&
        chunk.slice(at + name.length, start - 1).trim() === "" &&
        chunk.startsWith(`${text}"`, start);
      if (!isFound || chunk.includes(name, end)) return;
      before = chunk.slice(0, start);
      after = chunk.slice(end);
    },
  };
}
