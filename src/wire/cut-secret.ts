/** Fewer characters than this say nothing of a secret. */
const MIN_LENGTH = 4;

/**
 * A text in which secrets that were cut off are masked: at the end of a line, or before the `…` that marks a cut. A
 * message is shortened before it reaches the redactor, which must not let the half of a key pass (S-4).
 * @param forms what a secret looks like, in each of its spellings.
 */
export function maskCut(text: string, forms: readonly string[], mask: string): string {
  if (forms.length === 0) return text;
  return text.replace(/[^\n…]+(?=\n|…|$)/g, (piece) => {
    const starts = forms.map((form) => startOfCut(piece, form)).filter((at) => at >= 0);
    return starts.length === 0 ? piece : piece.slice(0, Math.min(...starts)) + mask;
  });
}

/** Where a form begins that the end of the piece cuts off; -1 when none does. */
function startOfCut(piece: string, form: string): number {
  const head = form.slice(0, MIN_LENGTH);
  let at = piece.indexOf(head, Math.max(0, piece.length - form.length + 1));
  while (at >= 0 && !form.startsWith(piece.slice(at))) at = piece.indexOf(head, at + 1);
  return at;
}
