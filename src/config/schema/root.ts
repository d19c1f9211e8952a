import { z } from "zod";
import { fields } from "../../providers/fields.ts";
import { models, strategy } from "./models.ts";
import { failover, health, installationBreaker, timeouts } from "./reliability.ts";
import { daemon, ledger, limits, plugins, telemetry } from "./runtime.ts";
import { budgets, tenants } from "./tenants.ts";
import { moneyField, nameKey } from "./values.ts";

/** The whole file; provider entries are maps here and checked by the schema of their type afterwards. */
export const root = () =>
  fields({
    version: z.literal(1).default(1),
    allow_empty: z.boolean().default(false),
    providers: z.record(nameKey(), z.record(z.string(), z.unknown())).default({}),
    models: models(),
    strategy: strategy().default("sequential"),
    timeouts: timeouts(),
    circuit_breaker: installationBreaker(),
    failover: failover(),
    health: health(),
    tenants: tenants(),
    budgets: budgets(),
    max_cost_per_request: moneyField().optional(),
    unpriced: z.enum(["refuse", "allow"]).default("refuse"),
    limits: limits(),
    ledger: ledger(),
    daemon: daemon(),
    telemetry: telemetry(),
    plugins: plugins(),
  });
