/** Longest text of a stranger that is kept in an error (ER-2). */
const MAX_TEXT = 2_000;

/** A stranger's words on one line, without control characters, cut to a length that cannot flood a log. */
export function plainText(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, ""); // The first half of a character cut in two.
}
