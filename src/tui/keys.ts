import type { DashboardData } from "./data.ts";
import { rowNames } from "./rows.ts";
import { RANGES, SORTS, type State, sortOf, VIEWS, type View } from "./state.ts";

/** A key: its character, or its name where it has none. */
export type Key =
  | { readonly kind: "char"; readonly char: string }
  | {
      readonly kind:
        | "up"
        | "down"
        | "page-up"
        | "page-down"
        | "home"
        | "end"
        | "enter"
        | "escape"
        | "tab"
        | "back-tab"
        | "backspace";
    };

/** What has to be done beyond showing something else. */
export type Effect =
  | { readonly kind: "quit" }
  | { readonly kind: "look" }
  | { readonly kind: "detail"; readonly id: string }
  | { readonly kind: "reset"; readonly provider: string }
  | { readonly kind: "save" };

export interface Pressed {
  readonly state: State;
  readonly effect?: Effect | undefined;
}

/** What a key comes to. */
export function press(state: State, key: Key, data: DashboardData | undefined): Pressed {
  const quiet = { ...state, notice: undefined };
  const { overlay } = state;
  if (overlay?.kind === "filter") return typed(quiet, overlay.text, key);
  if (overlay?.kind === "reset") return answered(quiet, overlay.provider, key);
  if (key.kind === "char" && key.char === "q") return { state: quiet, effect: { kind: "quit" } };
  if (overlay) return overlaid(quiet, overlay, key);
  return key.kind === "char" ? letter(quiet, key.char, data) : moved(quiet, key, data);
}

function typed(state: State, text: string, key: Key): Pressed {
  const showing = (next: string): Pressed => ({
    state: { ...state, filter: next, selected: 0, overlay: { kind: "filter", text: next } },
  });
  if (key.kind === "char") return showing(text + key.char);
  if (key.kind === "backspace") return showing([...text].slice(0, -1).join(""));
  if (key.kind === "enter") return { state: { ...state, overlay: undefined } };
  if (key.kind === "escape") return { state: { ...state, overlay: undefined, filter: "" } };
  return { state };
}

function answered(state: State, provider: string, key: Key): Pressed {
  const back = { ...state, overlay: undefined };
  const isYes = key.kind === "char" && key.char.toLowerCase() === "y";
  return isYes
    ? { state: back, effect: { kind: "reset", provider } }
    : { state: { ...back, notice: "nothing was reset" } };
}

/** Whatever is not scrolling takes the help or the detail away. */
function overlaid(state: State, overlay: NonNullable<State["overlay"]>, key: Key): Pressed {
  const step = overlay.kind === "detail" ? stepOf(key) : undefined;
  if (overlay.kind !== "detail" || step === undefined) return { state: { ...state, overlay: undefined } };
  // How far down there is something depends on the screen.
  const top = Math.max(0, overlay.top + step);
  return { state: { ...state, overlay: { ...overlay, top } } };
}

const PAGE = 10;

/** How far a key moves down; undefined for one that does not move. */
function stepOf(key: Key): number | undefined {
  switch (key.kind === "char" ? key.char : key.kind) {
    case "up":
    case "k":
      return -1;
    case "down":
    case "j":
      return 1;
    case "page-up":
      return -PAGE;
    case "page-down":
      return PAGE;
    case "home":
      return Number.NEGATIVE_INFINITY;
    case "end":
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}

function moved(state: State, key: Key, data: DashboardData | undefined): Pressed {
  const step = stepOf(key);
  if (step !== undefined) {
    const last = Math.max(0, (data ? rowNames(data, state).length : 0) - 1);
    return { state: { ...state, selected: Math.max(0, Math.min(last, state.selected + step)) } };
  }
  switch (key.kind) {
    case "tab":
      return { state: turned(state, 1) };
    case "back-tab":
      return { state: turned(state, -1) };
    case "escape":
      return { state: { ...state, filter: "", errorsOnly: false, selected: 0 } };
    case "enter":
      return entered(state, data);
    default:
      return { state };
  }
}

const turned = (state: State, by: number): State =>
  showing(state, VIEWS[(VIEWS.indexOf(state.view) + by + VIEWS.length) % VIEWS.length] ?? "overview");

/** Words that name a model name no tenant: a filter is of the view it was typed in. */
const showing = (state: State, view: View): State => ({
  ...{ ...state, view, selected: 0 },
  filter: view === state.view ? state.filter : "",
});

/** The request that is chosen; a model, tenant, target or provider leads to its requests. */
function entered(state: State, data: DashboardData | undefined): Pressed {
  const chosen = data && rowNames(data, state)[state.selected];
  if (chosen === undefined) return { state };
  if (state.view === "requests") return { state, effect: { kind: "detail", id: chosen } };
  // A filter holds words, and a target is a provider and a model.
  const filter = state.view === "circuits" ? (chosen.split(" ", 1)[0] ?? "") : chosen.replace("/", " ");
  return { state: { ...showing(state, "requests"), filter, errorsOnly: false } };
}

function letter(state: State, char: string, data: DashboardData | undefined): Pressed {
  const view = VIEWS[Number(char) - 1];
  if (view) return { state: showing(state, view) };
  switch (char) {
    case "?":
      return { state: { ...state, overlay: { kind: "help" } } };
    case "/":
      return { state: { ...state, overlay: { kind: "filter", text: state.filter } } };
    case "s":
      return { state: sorted(state) };
    case "t":
      return { state: ranged(state), effect: { kind: "look" } };
    case "p":
      return {
        state: { ...state, isPaused: !state.isPaused },
        effect: state.isPaused ? { kind: "look" } : undefined,
      };
    case "e":
      return { state: { ...state, errorsOnly: !state.errorsOnly, selected: 0 } };
    case "c":
      return asked(state, data);
    case "w":
      return state.isReadOnly ? { state: readOnly(state) } : { state, effect: { kind: "save" } };
    default:
      return moved(state, { kind: "char", char }, data);
  }
}

function sorted(state: State): State {
  const { view, sorts } = state;
  const next = { ...state, selected: 0, sorts: { ...sorts, [view]: (sorts[view] + 1) % SORTS[view].length } };
  return { ...next, notice: `by ${sortOf(next)}` };
}

const ranged = (state: State): State => ({
  ...state,
  range: RANGES[(RANGES.indexOf(state.range) + 1) % RANGES.length] ?? "month",
  selected: 0,
});

const readOnly = (state: State): State => ({ ...state, notice: "not with --read-only" });

/** The rows of these are providers. */
const HAS_CIRCUITS: ReadonlySet<View> = new Set(["overview", "circuits"]);

function asked(state: State, data: DashboardData | undefined): Pressed {
  if (state.isReadOnly) return { state: readOnly(state) };
  const provider =
    HAS_CIRCUITS.has(state.view) && data && rowNames(data, state)[state.selected]?.split(" ", 1)[0];
  if (!provider)
    return { state: { ...state, notice: "choose a provider in 1 overview or 5 circuits first" } };
  return { state: { ...state, overlay: { kind: "reset", provider } } };
}
