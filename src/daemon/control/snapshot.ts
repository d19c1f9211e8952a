import { formatTime } from "../../core/clock.ts";
import type { JsonObject } from "../../core/json.ts";
import { circuitReports } from "../../engine/circuit-reports.ts";
import { circuitsDocument } from "../../output/circuits.ts";
import { dashboardBooks } from "../../output/dashboard.ts";
import { healthDocument } from "../../output/health.ts";
import { shownCircuits } from "../../output/shown-circuits.ts";
import { eventDocument } from "../events/document.ts";
import type { Control } from "./control.ts";
import type { Handler } from "./control-route.ts";
import { atOnce } from "./ledger.ts";
import { wordsOf } from "./parameters.ts";
import { problemsOf, statusDocument } from "./status.ts";

/**
 * `GET /riptide/v1/snapshot`: `riptide.snapshot/1`, everything a dashboard shows, as it is at one moment. `?since=` is
 * where its costs begin, as for `riptide costs`; `?view=` leaves out what that view does not show of the ledger.
 */
export const snapshot: Handler = async ({ query }, control) => {
  const { daemon, watching, ledger } = control;
  const words = wordsOf(query(), ["since", "view"]);
  const wanted = { since: words.value("since"), view: words.value("view") };
  const { config } = daemon.generations.current().generation;
  const names = config.providers.filter(({ implicit }) => !implicit).map(({ id }) => id);
  const [health, problems, reports] = await Promise.all([
    control.health.report(),
    problemsOf(control),
    circuitReports(names, control.engine()),
  ]);
  const nowMs = daemon.clock.wall();
  const kept = await ledger.read((database) => ({
    ...atOnce(database, () => dashboardBooks({ database, config, nowMs }, wanted)),
    circuits: circuitsDocument(shownCircuits(reports, database, nowMs)).circuits,
  }));
  const document = {
    schema: "riptide.snapshot/1",
    at: formatTime(nowMs),
    event_seq: watching.ring.newest(),
    events: watching.newest().map(eventDocument),
    status: statusDocument(control, health, problems),
    health: healthDocument(health),
    in_flight: daemon.gate.inFlight(),
    queue: { waiting: daemon.gate.waiting() },
    providers: names.map((name) => providerFacts(name, control)),
    ...kept,
  };
  return { document };
};

function providerFacts(name: string, { watching }: Control): JsonObject {
  const off = watching.switches.look(name);
  return {
    name,
    in_flight: watching.switches.inFlight(name),
    disabled: off !== undefined,
    disabled_until: off?.untilMs ? formatTime(off.untilMs) : null,
  };
}
