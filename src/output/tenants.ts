import { formatTime } from "../core/clock.ts";
import { unreachable } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { humanUsd, usdText } from "../core/money.ts";
import type { Paint } from "./style.ts";
import type { Column } from "./table.ts";

export type TenantStatus = "active" | "throttled" | "suspended" | "budget_exceeded";

/** Why a tenant gets nothing sent. */
export type Suspension =
  | { readonly by: "config" }
  | { readonly by: "operator"; readonly sinceMs: number }
  /** `tenants.strict` admits only those that are listed. */
  | { readonly by: "strict" };

/** One tenant: what it may do, and what it has done of that. An absent limit does not apply. */
export interface TenantReport {
  readonly name: string;
  readonly status: TenantStatus;
  readonly suspension: Suspension | undefined;
  readonly limits: {
    readonly requestsPerMinute?: number | undefined;
    readonly tokensPerMinute?: number | undefined;
    readonly costPerHourNano?: number | undefined;
    readonly maxConcurrent?: number | undefined;
  };
  readonly models: Lists;
  readonly providers: Lists;
  readonly priority: number;
  readonly usage: {
    readonly requestsThisMinute: number;
    readonly tokensThisMinute: number;
    readonly costThisHourNano: number;
    readonly inFlight: number;
    readonly refusals24h: number;
  };
  readonly hasKey: boolean;
  /** Path of its own socket. */
  readonly socket: string | null;
}

interface Lists {
  /** Empty allows all. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** `riptide.tenants/1` */
export const tenantsDocument = (tenants: readonly TenantReport[]): JsonObject => ({
  schema: "riptide.tenants/1",
  tenants: tenants.map(tenantDocument),
});

function tenantDocument(tenant: TenantReport): JsonObject {
  const { name, status, limits, models, providers, priority, usage, hasKey, socket } = tenant;
  const { costPerHourNano } = limits;
  return {
    name,
    status,
    limits: {
      requests_per_minute: limits.requestsPerMinute ?? null,
      tokens_per_minute: limits.tokensPerMinute ?? null,
      cost_per_hour_usd: costPerHourNano === undefined ? null : usdText(costPerHourNano),
      max_concurrent: limits.maxConcurrent ?? null,
      models: [...models.allow],
      models_denied: [...models.deny],
      providers: { allow: [...providers.allow], deny: [...providers.deny] },
      priority,
    },
    usage: {
      requests_this_minute: usage.requestsThisMinute,
      tokens_this_minute: usage.tokensThisMinute,
      cost_this_hour_usd: usdText(usage.costThisHourNano),
      in_flight: usage.inFlight,
    },
    refusals_24h: usage.refusals24h,
    has_key: hasKey,
    socket,
  };
}

const PAINTS: Readonly<Record<string, Paint>> = {
  active: "green",
  throttled: "yellow",
  suspended: "red",
  "budget exceeded": "red",
};

export const TENANT_COLUMNS: readonly Column[] = [
  { head: "tenant" },
  { head: "status", paint: (cell) => PAINTS[cell] },
  ...["req/min", "tokens/min", "cost/hour", "running", "refused"].map(
    (head) => ({ head, align: "right" }) as const,
  ),
];

/** A tenant as a row: what was used, and of how much where there is a limit. */
export const tenantRow = ({ name, status, limits, usage }: TenantReport): readonly string[] => [
  name,
  statusText(status),
  ofLimit(usage.requestsThisMinute, limits.requestsPerMinute),
  ofLimit(usage.tokensThisMinute, limits.tokensPerMinute),
  ofLimit(usage.costThisHourNano, limits.costPerHourNano, humanUsd),
  ofLimit(usage.inFlight, limits.maxConcurrent),
  String(usage.refusals24h),
];

/** A tenant as lines for people. */
export function tenantText(tenant: TenantReport): string {
  const { name, status, limits, usage, priority, hasKey, socket } = tenant;
  const rows = [
    ["requests", `${usage.requestsThisMinute} this minute${limitText(limits.requestsPerMinute)}`],
    ["tokens", `${usage.tokensThisMinute} this minute${limitText(limits.tokensPerMinute)}`],
    ["cost", `${humanUsd(usage.costThisHourNano)} this hour${limitText(limits.costPerHourNano, humanUsd)}`],
    ["running", `${usage.inFlight}${limitText(limits.maxConcurrent)}`],
    ["refused", `${usage.refusals24h} in 24 hours`],
    ["models", listsText(tenant.models)],
    ["providers", listsText(tenant.providers)],
    ["priority", String(priority)],
    ["key", hasKey ? "yes" : "none"],
    ["socket", socket ?? "none"],
  ] as const;
  const lines = rows.map(([head, text]) => `  ${head.padEnd(9)}  ${text}\n`);
  return `${name}: ${statusText(status)}${suspensionText(tenant)}\n${lines.join("")}`;
}

/** How the state of a tenant is said to people. */
const statusText = (status: TenantStatus): string => status.replace("_", " ");

function suspensionText({ name, suspension }: TenantReport): string {
  if (!suspension) return "";
  switch (suspension.by) {
    case "config":
      return `: tenants.list.${name}.suspended in providers.yaml`;
    case "operator":
      return ` since ${formatTime(suspension.sinceMs)}; riptide tenants resume ${name}`;
    case "strict":
      return ": tenants.strict admits only listed tenants";
    default:
      return unreachable(suspension);
  }
}

const ofLimit = (used: number, limit: number | undefined, text: (figure: number) => string = String) =>
  limit === undefined ? text(used) : `${text(used)}/${text(limit)}`;

const limitText = (limit: number | undefined, text: (figure: number) => string = String) =>
  limit === undefined ? "" : `, limit ${text(limit)}`;

const listsText = ({ allow, deny }: Lists): string =>
  `${allow.length > 0 ? allow.join(", ") : "all"}${deny.length > 0 ? ` but ${deny.join(", ")}` : ""}`;
