import type { Config } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { DEFAULT_TENANT } from "../engine/tenant-rules.ts";
import type { Database } from "../store/database.ts";
import { seenTenants } from "../store/tenant-usage.ts";

const SEEN_MS = 30 * 86_400_000;

/** The default tenant, those of the configuration in its order, and those the ledger has seen in the last 30 days. */
export const knownTenants = (
  { tenants }: Pick<Config, "tenants">,
  database: Database | undefined,
  nowMs: number,
): readonly string[] => [
  ...new Set([
    DEFAULT_TENANT,
    ...Object.keys(tenants.list),
    ...(database ? seenTenants(database, nowMs - SEEN_MS) : []),
  ]),
];

/** A name nobody knows, and the one that may have been meant. */
export function noSuchTenant(name: string, known: readonly string[]): RiptideError {
  const near = nearest(name, known);
  return new RiptideError("not_found", `no tenant "${name}" is configured or was seen in the last 30 days`, {
    reasons: near === undefined ? [] : [`did you mean ${near}?`],
    hint: "riptide tenants list",
  });
}
