import { describe, expect, it } from "vitest";
import { type Key, press } from "../../src/tui/keys.ts";
import { firstState, type State } from "../../src/tui/state.ts";
import { keyOf } from "../../src/tui/terminal-keys.ts";
import { sample } from "./sample.ts";

const first = (more: Partial<State> = {}): State => ({
  ...firstState({ view: "overview", range: "month", isReadOnly: false }),
  ...more,
});
const NAMES: Readonly<Record<string, Key["kind"]>> = {
  "<enter>": "enter",
  "<esc>": "escape",
  "<tab>": "tab",
  "<back>": "backspace",
  "<down>": "down",
  "<end>": "end",
};
const keyNamed = (name: string): Key => {
  const kind = NAMES[name];
  return kind && kind !== "char" ? { kind } : { kind: "char", char: name };
};

/** Presses keys in turn; gives what is shown then, and all there was to do. */
function typed(keys: string, state = first()) {
  const effects: unknown[] = [];
  let now = state;
  for (const name of keys.match(/<\w+>|./g) ?? []) {
    const pressed = press(now, keyNamed(name), sample());
    now = pressed.state;
    if (pressed.effect) effects.push(pressed.effect);
  }
  return { state: now, effects };
}

describe("the keys of the dashboard", () => {
  it.each([
    ["3", "tenants"],
    ["<tab><tab>", "tenants"],
    ["6<tab>", "overview"],
    ["7", "overview"],
  ])("%s shows %s", (keys, view) => expect(typed(keys).state.view).toBe(view));

  it.each([
    ["6jj", 2],
    ["6jjk", 1],
    ["6kkk", 0],
    ["6<end>", 39],
    ["6<end>jj", 39],
    ["5<down><down><down>", 1],
    ["6jj5", 0],
  ])("%s chooses row %i", (keys, row) => expect(typed(keys).state.selected).toBe(row));

  it("goes round the ranges and looks at once", () => {
    const { state, effects } = typed("t");
    expect([state.range, effects]).toEqual(["week", [{ kind: "look" }]]);
    expect(typed("tttttt").state.range).toBe("month");
  });

  it("sorts each view by itself, and says by what", () => {
    const { state } = typed("2s3");
    expect([state.sorts.costs, state.sorts.tenants]).toEqual([1, 0]);
    expect(typed("2s").state.notice).toBe("by requests");
    expect(typed("2sss").state.sorts.costs).toBe(0);
  });

  it("keeps the filter that is typed, drops it with escape, and takes letters for letters meanwhile", () => {
    expect(typed("6/qt1").state).toMatchObject({ view: "requests", filter: "qt1", range: "month" });
    expect(typed("6/ab<back><enter>").state).toMatchObject({ filter: "a", overlay: undefined });
    expect(typed("6/ab<esc>").state).toMatchObject({ filter: "", overlay: undefined });
    expect(typed("6/ab<enter><esc>").state.filter).toBe("");
  });

  it("leaves the filter with its view", () => {
    expect(typed("2/fast<enter>1").state).toMatchObject({ view: "overview", filter: "" });
    expect(typed("2<enter>1").state.filter).toBe("");
    expect(typed("2/fast<enter>2").state.filter).toBe("fast");
  });

  it("opens the story of the chosen request, and comes back from it", () => {
    expect(typed("6j<enter>").effects).toEqual([{ kind: "detail", id: "rq_0002" }]);
    const detail = { kind: "detail", id: "rq_0002", lines: ["a", "b", "c"], top: 0 } as const;
    const open = first({ view: "requests", overlay: detail });
    expect(typed("jj", open).state.overlay).toMatchObject({ top: 2 });
    expect(typed("jjjkkkkkk", open).state.overlay).toMatchObject({ top: 0 });
    expect(typed("<esc>", open).state.overlay).toBeUndefined();
  });

  it.each([
    ["1j<enter>", "broken"],
    ["2<enter>", "second fast"],
    ["3<enter>", "search"],
    ["4j<enter>", "main fast"],
    ["5<enter>", "broken"],
  ])("%s leads to the requests of %s", (keys, filter) =>
    expect(typed(keys).state).toMatchObject({ view: "requests", filter }),
  );

  it("asks before it resets a circuit, and does it only on y", () => {
    expect(typed("5c").state.overlay).toEqual({ kind: "reset", provider: "broken" });
    expect(typed("5cy").effects).toEqual([{ kind: "reset", provider: "broken" }]);
    expect(typed("5cn")).toMatchObject({ effects: [], state: { notice: "nothing was reset" } });
    expect(typed("5c<enter>").effects).toEqual([]);
    expect(typed("1jc").state.overlay).toEqual({ kind: "reset", provider: "broken" });
    expect(typed("2c").state.overlay).toBeUndefined();
  });

  it("changes nothing where it may only read", () => {
    const { state, effects } = typed("5cyw", first({ isReadOnly: true }));
    expect([state.overlay, effects, state.notice]).toEqual([undefined, [], "not with --read-only"]);
  });

  it("shows only what went wrong with e, pauses with p, and quits with q", () => {
    expect(typed("6e").state.errorsOnly).toBe(true);
    expect(typed("p").state.isPaused).toBe(true);
    expect(typed("pp").effects).toEqual([{ kind: "look" }]);
    expect(typed("q").effects).toEqual([{ kind: "quit" }]);
    expect(typed("?").state.overlay).toEqual({ kind: "help" });
    expect(typed("?q").effects).toEqual([{ kind: "quit" }]);
  });
});

describe("what a terminal sends", () => {
  const none = { ctrl: false, meta: false, shift: false, tab: false } as Parameters<typeof keyOf>[1]; // Every other key is not held.

  it("is a key, a paste of several, or nothing", () => {
    expect(keyOf("j", none)).toEqual([{ kind: "char", char: "j" }]);
    expect(keyOf("é😀", none)).toEqual([
      { kind: "char", char: "é" },
      { kind: "char", char: "😀" },
    ]);
    expect(keyOf("\u001b\u0007a", none)).toEqual([{ kind: "char", char: "a" }]);
    expect(keyOf("", { ...none, tab: true, shift: true })).toEqual([{ kind: "back-tab" }]);
    expect(keyOf("", { ...none, upArrow: true })).toEqual([{ kind: "up" }]);
    expect(keyOf("x", { ...none, ctrl: true })).toEqual([]);
  });
});
