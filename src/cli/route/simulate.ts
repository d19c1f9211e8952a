import { STRATEGIES } from "../../config/config.ts";
import { DAY_MS } from "../../core/period.ts";
import { wholeQuarters } from "../../ledger/range.ts";
import { onlyTenant } from "../../ledger/report-asks.ts";
import { rangeOf } from "../../ledger/report-range.ts";
import { readSimulation } from "../../output/read-simulation.ts";
import { sanitise } from "../../output/sanitise.ts";
import {
  SIMULATION_COLUMNS,
  type SimulationReport,
  simulationDocument,
  simulationLines,
  simulationRows,
} from "../../output/simulation.ts";
import type { Call, Run } from "../command.ts";
import { withLedger } from "../costs/ledger.ts";
import { pricesToday } from "../costs/prices-today.ts";
import { printDocument, printTable, printText } from "../print.ts";
import { wordOf } from "../values.ts";

const DEFAULT_DAYS = 7;

/** `riptide route simulate`: the requests of the ledger on paper through another strategy or configuration. */
export const run: Run = async (call) => {
  const { given, io } = call;
  const nowMs = io.clock.wall();
  const strategy = wordOf(given, "strategy", STRATEGIES);
  const range = wholeQuarters(
    given.has("since") || given.has("until")
      ? rangeOf(given, nowMs).range
      : { sinceMs: nowMs - DEFAULT_DAYS * DAY_MS, untilMs: nowMs },
  );
  const wanted = { range, strategy, tenant: onlyTenant(given) };
  const found = await withLedger(call, async (database, config, loaded) => {
    if (!database) return { ...NOTHING, range, isCut: false };
    const prices = await pricesToday(call, loaded, database, range.sinceMs);
    return database.read(() => readSimulation(wanted, { database, config, prices }));
  });
  await print(call, { ...found, strategy: strategy ?? null });
  return 0;
};

const NOTHING = {
  ...{ requests: 0, moved: 0, actualNano: 0, simulatedNano: 0, actualP50Ms: null, simulatedP50Ms: null },
  ...{
    failuresAvoided: 0,
    failuresAdded: 0,
    unpriced: 0,
    unanswered: 0,
    unobserved: 0,
    leftOut: 0,
    targets: [],
  },
};

async function print(call: Call, report: SimulationReport): Promise<void> {
  if (call.format === "json") return printDocument(call, simulationDocument(report));
  if (report.requests === 0) return printText(call, "no requests in this range\n");
  await printTable(call, SIMULATION_COLUMNS, simulationRows(report));
  if (!call.given.has("plain")) {
    await printText(
      call,
      simulationLines(report)
        .map((line) => `${sanitise(line)}\n`)
        .join(""),
    );
  }
}
