import { formatTime } from "../../core/clock.ts";
import type { JsonObject } from "../../core/json.ts";
import { circuitReports } from "../../engine/circuit-reports.ts";
import { allBudgets } from "../../output/budget-states.ts";
import { budgetsDocument } from "../../output/budgets.ts";
import { circuitsDocument } from "../../output/circuits.ts";
import { costsDocument } from "../../output/costs.ts";
import { OPERATION_FIELDS, rowDocument } from "../../output/costs-rows.ts";
import { healthDocument } from "../../output/health.ts";
import { knownTenants } from "../../output/known-tenants.ts";
import { readCosts, wantedCosts } from "../../output/read-costs.ts";
import { shownCircuits } from "../../output/shown-circuits.ts";
import { tenantReports } from "../../output/tenant-reports.ts";
import { tenantsDocument } from "../../output/tenants.ts";
import type { Database } from "../../store/database.ts";
import { readNewest } from "../../store/line-reader.ts";
import type { Control } from "./control.ts";
import type { Handler } from "./control-route.ts";
import { atOnce } from "./ledger.ts";
import { statusDocument } from "./status.ts";

/** `GET /riptide/v1/snapshot`: `riptide.snapshot/1`, everything a dashboard shows, as it is at one moment. */
export const snapshot: Handler = async (_exchange, control) => {
  const { daemon, watching, ledger } = control;
  const entries = daemon.generations
    .current()
    .generation.config.providers.filter(({ implicit }) => !implicit);
  const names = entries.map(({ id }) => id);
  const [health, reports] = await Promise.all([
    control.health.report(),
    circuitReports(names, control.engine()),
  ]);
  const nowMs = daemon.clock.wall();
  const kept = await ledger.read((database) => ({
    ...atOnce(database, () => booksAt(database, control, nowMs)),
    circuits: circuitsDocument(shownCircuits(reports, database, nowMs)).circuits,
  }));
  const document = {
    schema: "riptide.snapshot/1",
    at: formatTime(nowMs),
    event_seq: watching.ring.newest(),
    status: statusDocument(control, health),
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

/** A dashboard shows so many of the requests that ended last, none older than a day. */
const MOST_REQUESTS = 50;
const DAY_MS = 86_400_000;

function booksAt(database: Database | undefined, { daemon }: Control, nowMs: number): JsonObject {
  const { config } = daemon.generations.current().generation;
  const today = wantedCosts({ has: () => false, value: (name) => TODAY[name] }, nowMs);
  const range = { sinceMs: nowMs - DAY_MS, untilMs: nowMs + 1 };
  const newest = database
    ? readNewest(database, { range, tenant: undefined, probes: false }, MOST_REQUESTS)
    : [];
  const tenants = tenantReports(config, knownTenants(config, database, nowMs), { database, nowMs });
  return {
    tenants: tenantsDocument(tenants).tenants ?? [],
    budgets: budgetsDocument(allBudgets(config, database, nowMs)).budgets ?? [],
    requests: newest.map((row) => rowDocument(OPERATION_FIELDS, row)),
    costs: costsDocument(readCosts(today, { database, config, nowMs })),
  };
}

const TODAY: Readonly<Record<string, string>> = { since: "today" };
