import { parseTime } from "../core/clock.ts";
import { unreachable } from "../core/errors.ts";
import type { HealthState } from "../core/health.ts";
import type {
  CircuitData,
  CostRow,
  DashboardData,
  ProviderPerformanceData,
  RequestData,
  TargetData,
  TenantData,
} from "./data.ts";
import { numberOf } from "./figures.ts";
import { type State, sortOf } from "./state.ts";

/** A tenant with what it cost in the range. */
export interface TenantRow extends TenantData {
  readonly requests: number;
  readonly failed: number;
  readonly cost_usd: string | null;
}

type Wish = Pick<State, "view" | "sorts" | "filter" | "errorsOnly">;

/** Costs by model, those the filter names, in the order asked for. */
export function costRows({ costs }: Pick<DashboardData, "costs">, wish: Wish): readonly CostRow[] {
  const rows = costs.rows.filter(
    (row) => matches(wish.filter, [costName(row)]) && (!wish.errorsOnly || row.failed > 0),
  );
  return ordered(rows, sortOf(wish), {
    cost: (row) => numberOf(row.cost_usd),
    requests: (row) => row.requests,
    name: costName,
  });
}

/** What a row of costs is of; requests that were never tried have no model. */
export const costName = ({ key }: CostRow): string => Object.values(key)[0] ?? "(never tried)";

export function tenantRows(
  { tenants, tenant_costs }: Pick<DashboardData, "tenants" | "tenant_costs">,
  wish: Wish,
): readonly TenantRow[] {
  const costs = new Map(tenant_costs.rows.map((row) => [row.key.tenant ?? "", row]));
  const rows = tenants.map((tenant): TenantRow => {
    const { requests = 0, failed = 0, cost_usd = "0" } = costs.get(tenant.name) ?? {};
    return { ...tenant, requests, failed, cost_usd };
  });
  const wanted = rows.filter(
    ({ name, status, failed, refusals_24h }) =>
      matches(wish.filter, [name, status]) && (!wish.errorsOnly || failed > 0 || refusals_24h > 0),
  );
  return ordered(wanted, sortOf(wish), {
    cost: (row) => numberOf(row.cost_usd),
    requests: (row) => row.requests,
    refused: (row) => row.refusals_24h,
    name: (row) => row.name,
  });
}

export function targetRows(
  { performance }: Pick<DashboardData, "performance">,
  wish: Wish,
): readonly TargetData[] {
  const rows = performance.targets.filter(
    (row) => matches(wish.filter, [targetName(row)]) && (!wish.errorsOnly || row.failed > 0),
  );
  return ordered(rows, sortOf(wish), {
    attempts: (row) => row.attempts,
    failed: (row) => row.failed,
    latency: (row) => row.total_ms.p95 ?? -1,
    name: targetName,
  });
}

export const targetName = ({ provider, model }: Pick<TargetData, "provider" | "model">): string =>
  `${provider}/${model}`;

/** A provider with what is known of it: how its circuits stand, what looked at it, and how it did. */
export interface ProviderRow {
  readonly name: string;
  readonly circuits: readonly CircuitData[];
  /** Undefined where nothing looked. */
  readonly health: HealthState | undefined;
  readonly did: ProviderPerformanceData | undefined;
}

export function providerRows(
  { circuits, health, performance }: Pick<DashboardData, "circuits" | "health" | "performance">,
  wish: Wish,
): readonly ProviderRow[] {
  const byName = Map.groupBy(circuits, ({ provider }) => provider);
  const rows = [...byName].map(
    ([name, own]): ProviderRow => ({
      ...{ name, circuits: own, health: health?.find((each) => each.name === name)?.status },
      did: performance.providers?.find(({ provider }) => provider === name),
    }),
  );
  const wanted = rows.filter(
    (row) =>
      matches(wish.filter, [row.name, row.health ?? null, ...row.circuits.map(({ state }) => state)]) &&
      (!wish.errorsOnly || isAiling(row)),
  );
  return ordered(wanted, sortOf(wish), { failed: ({ did }) => did?.failed ?? 0 });
}

const isAiling = ({ circuits, health, did }: ProviderRow): boolean =>
  circuits.some(isTroubled) || (health !== undefined && health !== "healthy") || (did?.failed ?? 0) > 0;

const STATE_RANK: Readonly<Record<string, number>> = { open: 2, half_open: 1, closed: 0 };

export function circuitRows(
  { circuits }: Pick<DashboardData, "circuits">,
  wish: Wish,
): readonly CircuitData[] {
  const rows = circuits.filter(
    (row) => matches(wish.filter, [row.provider, row.state]) && (!wish.errorsOnly || isTroubled(row)),
  );
  return ordered(rows, sortOf(wish), {
    provider: (row) => row.provider,
    state: (row) => (STATE_RANK[row.state] ?? 0) + (row.hold ? 0.5 : 0),
  });
}

/** Not all requests go through. */
const isTroubled = ({ state, hold, failures_in_window }: CircuitData): boolean =>
  state !== "closed" || hold !== null || failures_in_window > 0;

export function requestRows(
  { requests }: Pick<DashboardData, "requests">,
  wish: Wish,
): readonly RequestData[] {
  const rows = requests.filter((row) => {
    const texts = [
      row.id,
      row.tenant,
      row.requested_model,
      row.provider,
      row.model,
      row.outcome,
      row.error_code,
    ];
    return matches(wish.filter, texts) && (!wish.errorsOnly || row.outcome !== "ok");
  });
  return ordered(rows, sortOf(wish), {
    newest: () => 0,
    cost: (row) => numberOf(row.cost_usd),
    slowest: (row) => tookMs(row) ?? -1,
  });
}

/** How long a request took; null for one whose end nobody saw. */
export const tookMs = ({ started_at, ended_at }: RequestData): number | null =>
  ended_at === null ? null : Math.max(0, instantOf(ended_at) - instantOf(started_at));

const instantOf = (at: string): number => parseTime(at) ?? 0;

/** The names of the view's rows, in their order: what was chosen is found again by its name. */
export function rowNames(data: DashboardData, state: Wish): readonly string[] {
  switch (state.view) {
    case "overview":
      return providerRows(data, state).map(({ name }) => name);
    case "costs":
      return costRows(data, state).map(costName);
    case "tenants":
      return tenantRows(data, state).map(({ name }) => name);
    case "performance":
      return targetRows(data, state).map(targetName);
    case "circuits":
      return circuitRows(data, state).map(({ provider, operation }) => `${provider} ${operation}`);
    case "requests":
      return requestRows(data, state).map(({ id }) => id);
    default:
      return unreachable(state.view);
  }
}

/** The row that was chosen, where it stands in newer figures; whoever stays at the top follows what comes. */
export function selectedIn(state: State, before: DashboardData | undefined, after: DashboardData): number {
  if (state.selected === 0 || !before) return state.selected;
  const names = rowNames(after, state);
  const found = names.indexOf(rowNames(before, state)[state.selected] ?? "");
  return found >= 0 ? found : Math.max(0, Math.min(state.selected, names.length - 1));
}

/** Every word of the filter stands in one of the texts. */
function matches(filter: string, texts: readonly (string | null)[]): boolean {
  const whole = texts.join(" ").toLowerCase();
  return filter
    .toLowerCase()
    .split(" ")
    .every((word) => whole.includes(word));
}

/** Figures largest first, texts in their order; rows that are alike keep theirs. */
function ordered<Row>(
  rows: readonly Row[],
  word: string,
  by: Readonly<Record<string, (row: Row) => number | string>>,
): readonly Row[] {
  const key = by[word];
  if (!key) return rows;
  return rows.toSorted((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (typeof a === "number" && typeof b === "number") return b - a;
    return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  });
}
