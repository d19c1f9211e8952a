import { styleText } from "node:util";

export type ColorMode = "auto" | "always" | "never";

/** What the colour of one stream depends on. */
export interface StreamFacts {
  readonly isTty: boolean;
  /** Looks up an environment variable. */
  readonly env: (name: string) => string | undefined;
}

/** Whether a stream gets colour: `--color`, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then the terminal. */
export function wantsColor(mode: ColorMode, { isTty, env }: StreamFacts): boolean {
  if (mode !== "auto") return mode === "always";
  if (env("NO_COLOR")) return false;
  const forced = env("FORCE_COLOR") || env("CLICOLOR_FORCE");
  if (forced) return forced !== "0" && forced !== "false";
  return isTty && env("TERM") !== "dumb";
}

/** Whether symbols are replaced by ASCII. */
export const wantsAscii = (flag: boolean, env: StreamFacts["env"]): boolean => flag || env("TERM") === "dumb";

export type Paint = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Paints text that is already safe; without colour it returns it as it is. */
export type Painter = (paint: Paint, text: string) => string;

export const createPainter =
  (color: boolean): Painter =>
  (paint, text) =>
    // The stream was judged by `wantsColor`; Node would judge stdout again, by other rules.
    color ? styleText(paint, text, { validateStream: false }) : text;

const SYMBOLS = { arrow: "→", dot: "·", ellipsis: "…" } as const;
export type Symbols = Readonly<Record<keyof typeof SYMBOLS, string>>;

/** The few symbols of our own texts, or their ASCII stand-ins. */
export const symbols = (ascii: boolean): Symbols =>
  ascii ? { arrow: "->", dot: "|", ellipsis: "..." } : SYMBOLS;
