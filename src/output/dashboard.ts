import type { Config } from "../config/config.ts";
import { formatTime } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { ACTIVITY_MINUTES, MINUTE_MS } from "../ledger/recent-activity.ts";
import type { Words } from "../ledger/words.ts";
import { type NotedAlert, readAlerts } from "../store/alert-reader.ts";
import type { Database } from "../store/database.ts";
import { readNewest } from "../store/line-reader.ts";
import { readNewestAttempts, readNewestRequests } from "../store/newest-attempts.ts";
import { allBudgets } from "./budget-states.ts";
import { costsDocument } from "./costs.ts";
import { OPERATION_FIELDS, rowDocument } from "./costs-rows.ts";
import {
  activityDocument,
  budgetOutlook,
  failoverDocument,
  performanceDocument,
  spendingDocument,
} from "./dashboard-parts.ts";
import { forecastBudgets } from "./forecasts.ts";
import { knownTenants } from "./known-tenants.ts";
import { readCosts, type WantedCosts, wantedCosts } from "./read-costs.ts";
import { sloTargets } from "./read-stats.ts";
import { readSeries } from "./spend-series.ts";
import { tenantReports } from "./tenant-reports.ts";
import { tenantsDocument } from "./tenants.ts";

/** What each view of a dashboard shows of the ledger. */
const VIEW_PARTS = {
  overview: ["costs", "budgets", "alerts", "performance", "activity", "failovers"],
  costs: ["costs", "spending", "budgets", "alerts"],
  tenants: ["tenants", "tenant_costs", "budgets"],
  performance: ["performance"],
  circuits: ["activity", "failovers"],
  requests: ["requests"],
} as const;

export type DashboardView = keyof typeof VIEW_PARTS;
type Part = (typeof VIEW_PARTS)[DashboardView][number];

/** The views, in their order. */
const DASHBOARD_VIEWS = Object.keys(VIEW_PARTS) as readonly DashboardView[]; // The object has no others.

interface Source {
  /** Undefined where nothing was ever recorded. */
  readonly database: Database | undefined;
  readonly config: Config;
  readonly nowMs: number;
}

interface Wanted {
  /** As `--since` of `riptide costs`; this month where it is absent. */
  readonly since?: string | undefined;
  /** Only what this view shows; everything where it is absent. */
  readonly view?: string | undefined;
}

/**
 * What a dashboard shows of the ledger, as one document: `costs` (`riptide.costs/1`, by model), `tenant_costs` (the same
 * by tenant), `spending` (by hour, day, week or month, pauses included; null for less than two), `budgets` with forecasts, `tenants`, `alerts`, `performance`,
 * `activity`, `failovers` and `requests`. Inside {@link Database.read}, so that its figures fit together.
 * @throws RiptideError `usage` for a time that is none, or an unknown view
 */
export function dashboardBooks(source: Source, { since, view }: Wanted = {}): JsonObject {
  const reading = { ...source, wanted: wantedBy("model", since, source.nowMs), since };
  const parts = view === undefined ? Object.values(VIEW_PARTS).flat() : partsOf(view);
  return Object.fromEntries([...new Set(parts)].map((part) => [part, PARTS[part](reading)]));
}

function partsOf(view: string): readonly Part[] {
  const found = DASHBOARD_VIEWS.find((name) => name === view);
  if (found) return VIEW_PARTS[found];
  throw new RiptideError("usage", `there is no view "${view.slice(0, 80)}"`, {
    reasons: [`known: ${DASHBOARD_VIEWS.join(", ")}`],
  });
}

interface Reading extends Source {
  readonly since: string | undefined;
  /** Costs of the range by model. */
  readonly wanted: WantedCosts;
}

/** Performance and failovers are those of the newest so many attempts and requests, however many there are. */
const MOST_RECENT = 2_000;
const MOST_REQUESTS = 100;
const MOST_FAILOVERS = 50;
const MOST_ALERTS = 50;
/** What a forecast calls likely. */
const INTERVAL = 0.8;

const PARTS: Readonly<Record<Part, (reading: Reading) => Json>> = {
  costs: (reading) => costsDocument(readCosts(reading.wanted, reading)),
  tenant_costs: (reading) => costsBy("tenant", reading),
  spending: ({ database, wanted: { ask }, nowMs }) =>
    spendingDocument(database && readSeries(database, ask, nowMs)),
  budgets: ({ database, config, nowMs }) =>
    forecastBudgets(allBudgets(config, database, nowMs), database, { nowMs, interval: INTERVAL }).map(
      budgetOutlook,
    ),
  tenants: ({ database, config, nowMs }) => {
    const names = knownTenants(config, database, nowMs);
    return tenantsDocument(tenantReports(config, names, { database, nowMs })).tenants ?? [];
  },
  alerts: ({ database }) => (database ? readAlerts(database, MOST_ALERTS) : []).map(alertDocument),
  performance: (reading) => performanceDocument(attemptsOf(reading), MOST_RECENT, sloTargets(reading.config)),
  activity: (reading) => {
    const { database, nowMs } = reading;
    const recent = { sinceMs: nowMs - ACTIVITY_MINUTES * MINUTE_MS, most: MOST_RECENT };
    const requests = database ? readNewestRequests(database, recent) : [];
    const attempts = database ? readNewestAttempts(database, recent) : [];
    return activityDocument(requests, attempts, { nowMs, most: MOST_RECENT });
  },
  failovers: (reading) => failoverDocument(attemptsOf(reading), MOST_FAILOVERS),
  requests: ({ database, wanted: { ask } }) => {
    const newest = database ? readNewest(database, ask, MOST_REQUESTS) : [];
    return newest.map((row) => rowDocument(OPERATION_FIELDS, row));
  },
};

const wantedBy = (by: string, since: string | undefined, nowMs: number): WantedCosts =>
  wantedCosts(wordsOf({ by, ...(since !== undefined && { since }) }), nowMs);

const costsBy = (by: string, reading: Reading): JsonObject =>
  costsDocument(readCosts(wantedBy(by, reading.since, reading.nowMs), reading));

const wordsOf = (words: Readonly<Record<string, string>>): Words => ({
  has: (name) => name in words,
  value: (name) => words[name],
});

const attemptsOf = ({ database, wanted: { ask } }: Reading) =>
  database ? readNewestAttempts(database, { sinceMs: ask.range.sinceMs, most: MOST_RECENT }) : [];

const alertDocument = ({ tenant, period, threshold, atMs, resolvedMs }: NotedAlert): JsonObject => ({
  ...{ tenant, period, threshold },
  at: formatTime(atMs),
  resolved_at: resolvedMs === null ? null : formatTime(resolvedMs),
});
