import { knownTenants, noSuchTenant } from "../../output/known-tenants.ts";
import { tenantReports } from "../../output/tenant-reports.ts";
import {
  TENANT_COLUMNS,
  type TenantReport,
  tenantRow,
  tenantsDocument,
  tenantText,
} from "../../output/tenants.ts";
import { tenantWord } from "../budgets/edit-scope.ts";
import type { Call, Run } from "../command.ts";
import { withLedger } from "../costs/ledger.ts";
import { printDocument, printTable, printText } from "../print.ts";

/** `riptide tenants list` */
export const list: Run = async (call) => {
  const reports = await readReports(call, (known) => known);
  if (call.format === "json") await printDocument(call, tenantsDocument(reports));
  else await printTable(call, TENANT_COLUMNS, reports.map(tenantRow));
  return 0;
};

/** `riptide tenants show TENANT` */
export const show: Run = async (call) => {
  const name = tenantWord(call.given);
  const reports = await readReports(call, (known) => {
    if (known.includes(name)) return [name];
    throw noSuchTenant(name, known);
  });
  if (call.format === "json") await printDocument(call, tenantsDocument(reports));
  else if (call.given.has("plain")) await printTable(call, TENANT_COLUMNS, reports.map(tenantRow));
  else await printText(call, reports.map(tenantText).join(""));
  return 0;
};

const readReports = (
  call: Call,
  choose: (known: readonly string[]) => readonly string[],
): Promise<readonly TenantReport[]> =>
  withLedger(call, (database, config) => {
    const nowMs = call.io.clock.wall();
    const read = () =>
      tenantReports(config, choose(knownTenants(config, database, nowMs)), { database, nowMs });
    return database ? database.read(read) : read();
  });
