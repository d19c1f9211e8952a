import { z } from "zod";
import { isTenantName, TENANT_NAME } from "../../core/tenant.ts";
import { fields, secretField } from "../../providers/fields.ts";
import type { Budget, BudgetPeriod, TenantLimits } from "../config.ts";
import { countField, moneyField, textField } from "./values.ts";

const limits = () =>
  fields({
    requests_per_minute: countField().optional(),
    tokens_per_minute: countField().optional(),
    cost_per_hour: moneyField().optional(),
    max_concurrent: countField().optional(),
  }).transform(({ costPerHour, ...counts }): TenantLimits => ({ ...counts, costPerHourNano: costPerHour }));

/** The named limits of TA-8. */
const STANDARD: TenantLimits = { requestsPerMinute: 60, tokensPerMinute: 100_000, maxConcurrent: 10 };

const defaultLimits = () =>
  z
    .union([z.enum(["off", "standard"]), limits()])
    .prefault("off")
    .transform((given): TenantLimits | null => {
      if (given === "off") return null;
      return given === "standard" ? STANDARD : given;
    });

const period = () =>
  z
    .string()
    .regex(/^(hour|day|week|month|[1-9]\d{0,2}d)$/, {
      message: "expected hour, day, week, month or a number of days such as 30d",
    })
    .transform((text) => text as BudgetPeriod); // The pattern admits only these.

const thresholds = () =>
  z
    .array(z.number().gt(0).max(1))
    .default([0.5, 0.8, 0.9, 1])
    .transform((shares) => shares.toSorted((a, b) => a - b));

const onExceeded = () =>
  z
    .string()
    .regex(/^(reject|degrade:.+)$/, { message: "expected reject or degrade:ALIAS" })
    .prefault("reject")
    .transform((text): Budget["onExceeded"] =>
      text === "reject" ? { action: "reject" } : { action: "degrade", alias: text.slice("degrade:".length) },
    );

/** Amounts of money per period. */
export const budgets = () =>
  z
    .array(
      fields({
        limit: moneyField(),
        period: period(),
        thresholds: thresholds(),
        on_exceeded: onExceeded(),
      }).transform(({ limit, ...budget }) => ({ limitNano: limit, ...budget })),
    )
    .default([]);

const socketMode = () =>
  z
    .string()
    .regex(/^0[0-7]{3}$/, { message: 'expected permission bits as text, such as "0660"' })
    .transform((text) => Number.parseInt(text, 8));

const names = () => z.array(textField()).default([]);

const tenant = () =>
  fields({
    key: secretField().optional(),
    socket: fields({
      path: textField(),
      mode: socketMode().optional(),
      group: textField().optional(),
    }).optional(),
    limits: limits().prefault({}),
    budgets: budgets(),
    models: fields({ allow: names(), deny: names() }).prefault({}),
    providers: fields({ allow: names(), deny: names(), prefer: names() }).prefault({}),
    max_cost_per_request: moneyField().optional(),
    priority: z.int().min(0).max(1_000_000).default(100),
    suspended: z.boolean().default(false),
  }).transform(({ maxCostPerRequest, ...rest }) => ({ ...rest, maxCostPerRequestNano: maxCostPerRequest }));

const tenantKey = () => z.string().refine(isTenantName, { message: `expected a name: ${TENANT_NAME}` });

export const tenants = () =>
  fields({
    strict: z.boolean().default(false),
    default_limits: defaultLimits(),
    list: z.record(tenantKey(), tenant()).default({}),
  }).prefault({});
