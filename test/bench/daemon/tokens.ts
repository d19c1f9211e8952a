/** Stands before the number of each token, and nowhere else in an answer. */
export const MARK = "~";
const DIGITS = 6;

/** The text of a token, which tells its place in its stream; it reads the same inside JSON. */
export const tokenText = (at: number): string => `${MARK}${String(at).padStart(DIGITS, "0")} of the tide `;

/** The number of the token whose mark is there. */
export const tokenAt = (text: string, mark: number): number =>
  Number(text.slice(mark + MARK.length, mark + MARK.length + DIGITS));

/** How a simulated model behaves, which its name tells. */
export interface Behaviour {
  readonly tokens: number;
  /** Between tokens, and before the first. */
  readonly everyMs: number;
}

/** `sim-t100-d50`: a hundred tokens, 50 ms apart; without `-d` all at once. */
export function behaviourOf(model: string): Behaviour {
  const [, tokens = "16", everyMs = "0"] = /t(\d+)(?:-d(\d+))?/.exec(model) ?? [];
  return { tokens: Number(tokens), everyMs: Number(everyMs) };
}
