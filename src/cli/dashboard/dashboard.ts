import { readPreferences } from "../../config/preferences.ts";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { createPainter } from "../../output/style.ts";
import { type Controller, createController } from "../../tui/controller.ts";
import type { DashboardData } from "../../tui/data.ts";
import { onceText } from "../../tui/once.ts";
import { firstState, RANGES, SORTS, type State, VIEWS, type View } from "../../tui/state.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, tableOptions } from "../print.ts";
import { durationOf } from "../values.ts";
import { createSource, dataOf, viewDocument } from "./source.ts";

/** `riptide dashboard`: a screen on a terminal, else the view once. What was kept is for the screen alone. */
export const run: Run = async (call) => {
  const view = viewOf(call);
  const isReadOnly = call.given.has("read-only");
  if (call.format === "text" && isScreen(call)) {
    const kept = readPreferences(call.io.environment).dashboard ?? {};
    const refreshMs = refreshOf(call, kept.refresh_ms);
    const range = wordIn(RANGES, kept.range) ?? RANGES[0];
    const wanted = { view: view ?? wordIn(VIEWS, kept.view) ?? VIEWS[0], range, sorts: sortsIn(kept) };
    const state = firstState({ ...wanted, isReadOnly });
    // Who has left waits for no answer.
    const left = new AbortController();
    const { signal } = call.io;
    const leave = () => left.abort(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    const source = createSource({ ...call, io: { ...call.io, signal: left.signal } }, refreshMs);
    try {
      return await follow(call, createController({ source, state, refreshMs, clock: call.io.clock }));
    } finally {
      signal.removeEventListener("abort", leave);
      left.abort(new RiptideError("cancelled", "the dashboard was left"));
    }
  }
  refreshOf(call, undefined);
  const state = firstState({ view: view ?? VIEWS[0], range: RANGES[0], isReadOnly });
  const document = await viewDocument(call, state);
  if (call.format === "json") await printDocument(call, dashboardDocument(document, state.view));
  else await printOnce(call, dataOf(document), state);
  return 0;
};

/** @throws RiptideError `usage` */
function viewOf({ given }: Call): View | undefined {
  const [word, ...more] = given.words;
  if (word === undefined) return undefined;
  const view = wordIn(VIEWS, word);
  if (view && more.length === 0) return view;
  throw new RiptideError("usage", `there is no view "${more.length === 0 ? word : given.words.join(" ")}"`, {
    reasons: [`known: ${VIEWS.join(", ")}`],
    hint: "riptide dashboard costs",
  });
}

const wordIn = <Word extends string>(words: readonly Word[], kept: unknown): Word | undefined =>
  words.find((word) => word === kept);

/** Sorts were kept by their words, one for each view. */
const sortsIn = (kept: Readonly<Record<string, string | number>>): Partial<State["sorts"]> =>
  Object.fromEntries(
    VIEWS.flatMap((view) => {
      const at = (SORTS[view] as readonly string[]).indexOf(String(kept[`sort_${view}`]));
      return at > 0 ? [[view, at]] : [];
    }),
  );

const REFRESH_MS = 1_000;
const LEAST_MS = 100;
const MOST_MS = 3_600_000;

/** @throws RiptideError `usage` */
function refreshOf({ given }: Call, kept: unknown): number {
  const isKept = typeof kept === "number" && kept >= LEAST_MS && kept <= MOST_MS;
  const asked = durationOf(given, "refresh") ?? (isKept ? kept : REFRESH_MS);
  if (asked >= LEAST_MS && asked <= MOST_MS) return asked;
  throw new RiptideError("usage", `--refresh takes 100ms to 1h, not "${given.value("refresh")}"`, {
    hint: "riptide dashboard --refresh 1s",
  });
}

/** A terminal that can be drawn on and typed at. */
const isScreen = ({ io, given }: Call): boolean =>
  io.stdout.isTty &&
  io.stdin.isTTY === true &&
  !given.has("once") &&
  io.environment.lookup("TERM") !== "dumb";

async function printOnce(call: Call, data: DashboardData, state: State): Promise<void> {
  const { color, ascii, width } = tableOptions(call);
  const { stdout, redactor } = call.io;
  const look = { columns: width, ascii, painter: createPainter(color) };
  await stdout.write(redactor.redact(onceText(data, state, look)));
}

/** A look that takes longer is shown to be under way. */
const PATIENCE_MS = 100;

async function follow(call: Call, controller: Controller): Promise<number> {
  const { io } = call;
  const { color, ascii } = tableOptions(call);
  const ended = new AbortController();
  const end = (reason: unknown) => ended.abort(reason);
  io.signal.addEventListener("abort", () => end(io.signal.reason), { once: true });
  const looked = new Promise<void>((resolve) => void controller.onChange(resolve));
  // The first look is under way while what draws is loaded, so that the first frame has its figures.
  const running = controller.run(ended.signal);
  const { showScreen } = await import("../../tui/screen.ts");
  await Promise.race([looked, io.clock.sleep(PATIENCE_MS)]);
  await showScreen(controller, running, {
    ...{ stdin: io.stdin, stdout: io.terminal, painter: createPainter(color), ascii },
    suspend: io.suspend,
    interrupt: () => end(new RiptideError("cancelled", "interrupted", { exit: 130 })),
  });
  return 0;
}

/** `riptide.dashboard/1` */
const dashboardDocument = ({ schema: _schema, at, ...data }: JsonObject, view: View) => ({
  schema: "riptide.dashboard/1",
  view,
  at,
  data,
});
