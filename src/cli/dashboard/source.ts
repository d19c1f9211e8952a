import { keepDashboard } from "../../config/preferences.ts";
import { formatTime } from "../../core/clock.ts";
import { asRiptideError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { circuitReports } from "../../engine/circuit-reports.ts";
import { circuitsDocument } from "../../output/circuits.ts";
import { dashboardBooks } from "../../output/dashboard.ts";
import { sanitise } from "../../output/sanitise.ts";
import { shownCircuits } from "../../output/shown-circuits.ts";
import { whyText } from "../../output/why-text.ts";
import { resetCircuit } from "../../store/circuits.ts";
import { readStory } from "../../store/stories.ts";
import { cleaned } from "../../tui/clean.ts";
import type { Source } from "../../tui/controller.ts";
import type { DashboardData } from "../../tui/data.ts";
import { NOTHING_SHOWN } from "../../tui/nothing-shown.ts";
import { type State, sortOf, VIEWS } from "../../tui/state.ts";
import { type Contact, contact, controlDocument, isAbsent } from "../client/control.ts";
import { daemonMode } from "../client/mode.ts";
import type { Call } from "../command.ts";
import { hasLedger, openLedger, openSettledLedger } from "../open-ledger.ts";
import { openSession, readConfig } from "../session.ts";

type Wish = Pick<State, "view" | "range">;

/** What runs is seen by the daemon; without one the ledger tells what has ended. */
export function createSource(call: Call, refreshMs: number): Source {
  const { io } = call;
  let isTold = false;
  return {
    async look(view, range) {
      const document = await viewDocument(call, { view, range }, isTold);
      isTold = true;
      return dataOf(document);
    },
    async story(id) {
      const { config } = await readConfig(call);
      const database = await openSettledLedger(config, io);
      try {
        return sanitise(whyText(readStory(database, id)))
          .trimEnd()
          .split("\n");
      } finally {
        database.close();
      }
    },
    async reset(provider) {
      const reached = await daemonOf(call);
      if (reached) {
        const path = `/riptide/v1/circuits/${encodeURIComponent(provider)}`;
        await controlDocument(call, reached, { method: "POST", path, body: { action: "reset" } });
        return;
      }
      const { config } = await readConfig(call);
      const database = await openLedger(config, io);
      try {
        await resetCircuit(database, provider, io.clock.wall());
      } finally {
        database.close();
      }
    },
    save: (state) => keepDashboard(io.environment, keptOf(state, refreshMs)),
  };
}

/** The daemon, unless there is none or none is wanted. @throws RiptideError where it is required, or ails */
async function daemonOf(call: Call): Promise<Contact | undefined> {
  const mode = daemonMode(call);
  if (mode === "off") return undefined;
  try {
    return await contact(call);
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (mode === "require" || !isAbsent(error)) throw error;
    return undefined;
  }
}

/**
 * What a view shows, with `source`, `at`, `in_flight`, `waiting`, `health` and `circuits`.
 * @param isTold What should be known of the configuration has been said.
 */
export async function viewDocument(call: Call, wish: Wish, isTold = false): Promise<JsonObject> {
  const reached = await daemonOf(call);
  return reached ? daemonDocument(call, reached, wish) : ledgerDocument(call, wish, isTold);
}

async function daemonDocument(call: Call, reached: Contact, { view, range }: Wish): Promise<JsonObject> {
  const path = `/riptide/v1/snapshot?since=${range}&view=${view}`;
  const snapshot = await controlDocument(call, reached, { method: "GET", path });
  const { status, queue, health, ...books } = snapshot;
  const memberOf = (of: Json | undefined, name: string): Json =>
    (of as JsonObject | undefined)?.[name] ?? null; // The daemon speaks our protocol.
  return {
    ...books,
    source: "daemon",
    config: memberOf(status, "config"),
    waiting: memberOf(queue, "waiting"),
    health: memberOf(health, "providers"),
  };
}

async function ledgerDocument(call: Call, { view, range }: Wish, isTold: boolean): Promise<JsonObject> {
  const { io } = call;
  const { config, engine } = await openSession(call, { isTold });
  const names = config.providers.filter(({ implicit }) => !implicit).map(({ id }) => id);
  const reports = await circuitReports(names, engine);
  const nowMs = io.clock.wall();
  const database = hasLedger(config, io) ? await openSettledLedger(config, io) : undefined;
  try {
    const read = () => dashboardBooks({ database, config, nowMs }, { since: range, view });
    return {
      ...{ source: "ledger", at: formatTime(nowMs), in_flight: null, waiting: null },
      ...{ health: null, config: null },
      ...(database ? database.read(read) : read()),
      circuits: circuitsDocument(shownCircuits(reports, database, nowMs)).circuits ?? [],
    };
  } finally {
    database?.close();
  }
}

/** The documents are our own, of this version or of a daemon that speaks its protocol, so their members have their types. */
export const dataOf = (document: JsonObject): DashboardData =>
  ({ ...NOTHING_SHOWN, ...(cleaned(document) as JsonObject) }) as unknown as DashboardData;

/** What was chosen, as it is kept. */
const keptOf = (state: State, refreshMs: number) => ({
  ...{ view: state.view, range: state.range, refresh_ms: refreshMs },
  ...Object.fromEntries(VIEWS.map((view) => [`sort_${view}`, sortOf({ ...state, view })])),
});
