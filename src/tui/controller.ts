import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, unreachable } from "../core/errors.ts";
import type { DashboardData } from "./data.ts";
import { bodyLook, frame } from "./frame.ts";
import { type Effect, type Key, press } from "./keys.ts";
import type { Line } from "./line.ts";
import type { Look } from "./look.ts";
import { selectedIn } from "./rows.ts";
import type { Range, State, View } from "./state.ts";
import { topWithin } from "./views/overlays.ts";

/** Where the figures come from, and what can be done from here. */
export interface Source {
  /** What a view shows, as it is now. @throws RiptideError why it cannot be seen */
  look(view: View, range: Range): Promise<DashboardData>;
  /** What happened to a request, in lines. @throws RiptideError `not_found` */
  story(id: string): Promise<readonly string[]>;
  /** Closes the circuits of a provider for every process. @throws RiptideError */
  reset(provider: string): Promise<void>;
  /** Keeps what was chosen for the next time; gives the file's path. @throws RiptideError */
  save(state: State): Promise<string>;
}

/** A dashboard without its terminal. */
export interface Controller {
  /** Looks again and again until it is quit. @throws the signal's reason */
  run(signal: AbortSignal): Promise<void>;
  press(key: Key): void;
  lines(look: Look): readonly Line[];
  /** Calls back when there is something new to show. */
  onChange(listen: () => void): () => void;
}

export interface ControllerOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly state: State;
  readonly refreshMs: number;
}

/** Looking takes no more than one part in so many of the time, as drawing takes some too: of a large ledger it is done less often. */
const REST_FACTOR = 30;
/** A look that had to wait for somebody else is no reason to show old figures for long. */
const MOST_REST_MS = 10_000;
/** Who waits so long is told that the figures are not of now. */
const SLOW_MS = 3_000;
const NO_ANSWER = `no answer for ${formatDuration(SLOW_MS)}`;

export function createController({ source, clock, state: first, refreshMs }: ControllerOptions): Controller {
  const listeners = new Set<() => void>();
  let state = first;
  /** What each view showed last. */
  const seen = new Map<View, DashboardData>();
  let trouble: string | undefined;
  /** The screen that was drawn last. */
  let drawn: Look | undefined;
  let isQuit = false;
  /** Ends the wait for a look, and that between two. */
  let wake = new AbortController();
  const show = (next: Partial<State> = {}) => {
    state = { ...state, ...next };
    for (const listen of [...listeners]) listen();
  };
  const look = async () => {
    const { view, range } = state;
    try {
      const data = await source.look(view, range);
      trouble = undefined;
      // Something else may have been asked for meanwhile.
      if (range !== state.range) return;
      if (view === state.view) state = { ...state, selected: selectedIn(state, seen.get(view), data) };
      seen.set(view, data);
    } catch (thrown) {
      trouble = asRiptideError(thrown).message;
    }
    show();
  };
  const lookOnce = async (): Promise<number> => {
    const startedMs = clock.now();
    const cancel = clock.timer(SLOW_MS, () => {
      trouble = NO_ANSWER;
      show();
    });
    await unlessWoken(look(), wake.signal).finally(cancel);
    return trouble === undefined ? clock.now() - startedMs : 0;
  };
  const follow = async (effect: Effect) => {
    if (effect.kind === "quit") isQuit = true;
    try {
      show(await outcomeOf(effect, source, state));
    } catch (thrown) {
      show({ notice: asRiptideError(thrown).message });
    }
    if (AT_ONCE.has(effect.kind)) wake.abort();
  };
  return {
    async run(signal) {
      const [stop, restAfter] = [() => wake.abort(), createRest(refreshMs)] as const;
      signal.addEventListener("abort", stop);
      while (!isQuit && !signal.aborted) {
        wake = new AbortController();
        const isStill = state.isPaused && seen.has(state.view);
        await clock.sleep(restAfter(isStill ? 0 : await lookOnce()), wake.signal).catch(() => {});
      }
      signal.removeEventListener("abort", stop);
      if (!isQuit) signal.throwIfAborted();
    },
    press(key) {
      const before = state;
      const pressed = press(withinReach(state, drawn), key, seen.get(state.view));
      if (pressed.state.range !== before.range) seen.clear();
      show(pressed.state);
      if (pressed.effect) void follow(pressed.effect);
      else if (pressed.state.view !== before.view) wake.abort();
    },
    lines(size) {
      drawn = size;
      return frame(seen.get(state.view), state, size, { trouble });
    },
    onChange(listen) {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
  };
}

/** How long to rest after looks of these durations. */
function createRest(refreshMs: number): (tookMs: number) => number {
  let beforeMs = 0;
  return (tookMs) => {
    // One look that was slow, as the first one is, says nothing of the ledger.
    const usualMs = Math.min(tookMs, beforeMs);
    beforeMs = tookMs;
    return Math.max(refreshMs, Math.min(MOST_REST_MS, usualMs * REST_FACTOR));
  };
}

/** Until the look is over, or something else is asked for: whoever answers late or never holds up no key. */
async function unlessWoken(looking: Promise<void>, signal: AbortSignal): Promise<void> {
  const woken = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  await Promise.race([looking, woken]);
}

/** A detail that was scrolled beyond its end is at its end. */
function withinReach(state: State, look: Look | undefined): State {
  const { overlay } = state;
  if (overlay?.kind !== "detail" || !look) return state;
  return { ...state, overlay: { ...overlay, top: topWithin(overlay, bodyLook(look)) } };
}

/** After these the figures are others. */
const AT_ONCE: ReadonlySet<Effect["kind"]> = new Set(["quit", "look", "reset"]);

/** Does what a key asked for; gives what is shown of it. */
async function outcomeOf(effect: Effect, source: Source, state: State): Promise<Partial<State>> {
  switch (effect.kind) {
    case "detail":
      return { overlay: { kind: "detail", id: effect.id, lines: await source.story(effect.id), top: 0 } };
    case "reset":
      await source.reset(effect.provider);
      return { notice: `the circuits of ${effect.provider} were reset` };
    case "save":
      return { notice: `kept in ${await source.save(state)}` };
    case "quit":
    case "look":
      return {};
    default:
      return unreachable(effect);
  }
}
