import type { Config } from "../../config/config.ts";
import { RiptideError } from "../../core/errors.ts";
import { blockOf } from "../../engine/tenant-rules.ts";
import { knownTenants, noSuchTenant } from "../../output/known-tenants.ts";
import { tenantReports } from "../../output/tenant-reports.ts";
import { tenantsDocument } from "../../output/tenants.ts";
import type { Database } from "../../store/database.ts";
import * as marks from "../../store/marks.ts";
import { tenantWord } from "../budgets/edit-scope.ts";
import type { Call, Run } from "../command.ts";
import { hasLedger, openLedger } from "../open-ledger.ts";
import { printDocument, printText } from "../print.ts";
import { readConfig } from "../session.ts";

/** `riptide tenants suspend TENANT`: every process refuses it from its next request on; what is running goes on. */
export const suspend: Run = async (call) => {
  const name = tenantWord(call.given);
  const { config } = await readConfig(call);
  const { clock } = call.io;
  if (config.tenants.strict && !blockOf(config, name)) {
    throw noSuchTenant(name, Object.keys(config.tenants.list));
  }
  return withMarks(call, config, async (database) => {
    const isNew = await marks.suspend(database, name, clock.wall());
    const said = isNew ? `${name} is suspended; what is running goes on` : `${name} was already suspended`;
    return print(call, { config, database, name }, said);
  });
};

/** `riptide tenants resume TENANT` */
export const resume: Run = async (call) => {
  const name = tenantWord(call.given);
  const { config } = await readConfig(call);
  // Nothing was ever suspended where there is no ledger, and saying so needs none.
  if (!hasLedger(config, call.io)) {
    refuseUnknown(call, config, undefined, name);
    refuseConfigured(config, name);
    return print(call, { config, database: undefined, name }, `${name} is not suspended`);
  }
  return withMarks(call, config, async (database) => {
    refuseUnknown(call, config, database, name);
    refuseConfigured(config, name);
    const wasSuspended = await marks.resume(database, name);
    const said = wasSuspended ? `${name} may send requests again` : `${name} is not suspended`;
    return print(call, { config, database, name }, said);
  });
};

async function withMarks(
  call: Call,
  config: Config,
  work: (database: Database) => Promise<number>,
): Promise<number> {
  const database = await openLedger(config, call.io);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

function refuseUnknown({ io }: Call, config: Config, database: Database | undefined, name: string): void {
  const known = knownTenants(config, database, io.clock.wall());
  if (!known.includes(name)) throw noSuchTenant(name, known);
}

/** An operator's mark is not all there is: what the file says only the file can take back. */
function refuseConfigured(config: Config, name: string): void {
  if (!blockOf(config, name)?.suspended) return;
  throw new RiptideError(
    "not_found",
    `tenant ${name} stays suspended: providers.yaml says so, not the ledger`,
    {
      hint: `set tenants.list.${name}.suspended: false in ${config.path ?? "providers.yaml"}`,
    },
  );
}

interface Changed {
  readonly config: Config;
  readonly database: Database | undefined;
  readonly name: string;
}

async function print(call: Call, { config, database, name }: Changed, said: string): Promise<number> {
  if (call.format === "json") {
    const nowMs = call.io.clock.wall();
    await printDocument(call, tenantsDocument(tenantReports(config, [name], { database, nowMs })));
  } else await printText(call, `${said}\n`);
  return 0;
}
