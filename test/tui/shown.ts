import { frame } from "../../src/tui/frame.ts";
import { plainText } from "../../src/tui/line.ts";
import { firstState, type State, type View } from "../../src/tui/state.ts";
import { sample } from "./sample.ts";

export const stateOf = (view: View, more: Partial<State> = {}): State => ({
  ...firstState({ view, range: "month", isReadOnly: false }),
  ...more,
});
export const FRESH = { trouble: undefined };

/** The lines of a view over the sample. */
export function screen(view: View, columns = 80, rows = 24, more: Partial<State> = {}): string {
  const lines = frame(sample(), stateOf(view, more), { columns, rows, ascii: false }, FRESH);
  return lines.map((line) => plainText(line).trimEnd()).join("\n");
}
