import type { ProviderEntry } from "../../config/config.ts";
import { RiptideError } from "../../core/errors.ts";
import { circuitReports } from "../../engine/circuit-reports.ts";
import { circuitsDocument } from "../../output/circuits.ts";
import { shownCircuits } from "../../output/shown-circuits.ts";
import { autoCircuit, resetCircuit, tripCircuit } from "../../store/circuits.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Control } from "./control.ts";
import { controlBody, type Handler, lastSegment } from "./control-route.ts";
import { durationMember, refuseOthers, wordMember } from "./members.ts";

/** `POST /riptide/v1/circuits/{provider}` `{action: reset|trip|auto, for?}`: a mark that holds for every process. */
export const circuits: Handler = async (exchange, control) => {
  const { daemon, ledger } = control;
  const entry = entryAsked(exchange, control);
  const body = await controlBody(exchange);
  refuseOthers(body, ["action", "for"]);
  const action = wordMember(body, "action", ["reset", "trip", "auto"]);
  const forMs = durationMember(body, "for") ?? entry.circuitBreaker.recoveryTimeoutMs;
  const nowMs = daemon.clock.wall();
  await ledger.write(async (database) => {
    if (action === "reset") await resetCircuit(database, entry.id, nowMs);
    else if (action === "auto") await autoCircuit(database, entry.id);
    else await tripCircuit(database, entry.id, { nowMs, untilMs: nowMs + forMs });
  });
  const reports = await circuitReports([entry.id], control.engine(), { atOnce: true });
  const shown = await ledger.read((database) => shownCircuits(reports, database, nowMs));
  return { document: circuitsDocument(shown) };
};

/** The provider that the path names. @throws RiptideError `not_found` */
export function entryAsked(exchange: Exchange, { daemon }: Control): ProviderEntry {
  const name = lastSegment(exchange);
  const { providers } = daemon.generations.current().generation.config;
  const entry = providers.find(({ id }) => id === name);
  if (entry) return entry;
  throw new RiptideError("not_found", `unknown provider "${name.slice(0, 80)}"`, {
    reasons: [`known: ${providers.map(({ id }) => id).join(", ")}`],
    hint: "riptide providers list",
  });
}
