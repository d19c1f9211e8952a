import { formatTime } from "../../core/clock.ts";
import { humanUsd } from "../../core/money.ts";
import { includesProbes, onlyTenant } from "../../ledger/report-asks.ts";
import { rangeOf } from "../../ledger/report-range.ts";
import { OPERATION_FIELDS, rowDocument } from "../../output/costs-rows.ts";
import { type OperationRow, operationCost, readDearest } from "../../store/line-reader.ts";
import type { Call, Run } from "../command.ts";
import { printDocument, printTable } from "../print.ts";
import { integerOf } from "../values.ts";
import { withLedger } from "./ledger.ts";

const DEFAULT_COUNT = 10;

/** `riptide costs top` */
export const run: Run = async (call) => {
  const { given } = call;
  const { range, zone } = rangeOf(given, call.io.clock.wall());
  const most = integerOf(given, "number", { min: 1, max: 10_000 }) ?? DEFAULT_COUNT;
  const ask = { range, tenant: onlyTenant(given), probes: includesProbes(given) };
  const rows = await withLedger(call, (database) =>
    database ? database.read(() => readDearest(database, ask, most)) : [],
  );
  if (call.format === "json") {
    const { sinceMs, untilMs } = range;
    await printDocument(call, {
      schema: "riptide.requests/1",
      range: { since: formatTime(sinceMs), until: formatTime(untilMs), tz: zone.name },
      requests: rows.map((row) => rowDocument(OPERATION_FIELDS, row)),
    });
  } else await printRows(call, rows);
  return 0;
};

const printRows = (call: Call, rows: readonly OperationRow[]): Promise<void> =>
  printTable(
    call,
    [
      // Nothing that is aligned right is cut, and half an id is none.
      { head: "request", align: "right" },
      { head: "started" },
      { head: "tenant" },
      { head: "model" },
      { head: "cost", align: "right" },
      { head: "outcome", paint: (cell) => (cell === "ok" ? undefined : "red") },
    ],
    rows.map((row) => [
      row.id,
      formatTime(Number(row.startedMs)).replace(/\.\d+Z$/, "Z"),
      row.tenant,
      row.model === null ? "-" : `${row.provider}/${row.model}`,
      humanUsd(operationCost(row)),
      row.errorCode ?? row.outcome,
    ]),
  );
