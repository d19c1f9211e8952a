import { RiptideError } from "../../core/errors.ts";
import { includesProbes, onlyTenant } from "../../ledger/report-asks.ts";
import { rangeOf } from "../../ledger/report-range.ts";
import { FOCUS_FIELDS } from "../../output/costs-focus.ts";
import {
  ATTEMPT_FIELDS,
  type Field,
  OPERATION_FIELDS,
  rowCells,
  rowDocument,
} from "../../output/costs-rows.ts";
import { csvLine } from "../../output/csv.ts";
import { documentText } from "../../output/json.ts";
import type { Database } from "../../store/database.ts";
import { type LineAsk, readAttempts, readOperations } from "../../store/line-reader.ts";
import type { Call, Run } from "../command.ts";
import { printText } from "../print.ts";
import { withLedger } from "./ledger.ts";

/** `riptide costs export`: row by row at the reader's pace, so that a ledger of any size takes no more memory. */
export const run: Run = async (call) => {
  const { given } = call;
  const layout = layoutOf(call);
  const ask = {
    range: rangeOf(given, call.io.clock.wall()).range,
    tenant: onlyTenant(given),
    probes: includesProbes(given),
  };
  await printText(call, layout.head);
  await withLedger(call, async (database) => {
    if (!database) return;
    for (const line of layout.lines(database, ask)) {
      if (call.io.readerGone()) return;
      await printText(call, line);
    }
  });
  return 0;
};

/** How the rows of one kind become lines. */
interface Layout {
  readonly head: string;
  readonly lines: (database: Database, ask: LineAsk) => Iterable<string>;
}

/** @throws RiptideError `usage` */
function layoutOf({ given, format }: Call): Layout {
  const kind = given.value("kind");
  if (format === "focus" && kind === "operations") {
    throw new RiptideError("usage", "-o focus writes attempts: a charge arises with each of them", {
      hint: "riptide costs export --kind attempts -o focus",
    });
  }
  if (format === "focus") return csvLayout(FOCUS_FIELDS, readAttempts);
  const layout = format === "jsonl" ? jsonLayout : csvLayout;
  return kind === "attempts"
    ? layout(ATTEMPT_FIELDS, readAttempts)
    : layout(OPERATION_FIELDS, readOperations);
}

type Read<Row> = (database: Database, ask: LineAsk) => Iterable<Row>;

const csvLayout = <Row>(fields: readonly Field<Row>[], read: Read<Row>): Layout => ({
  head: csvLine(fields.map(([name]) => name)),
  *lines(database, ask) {
    for (const row of read(database, ask)) yield csvLine(rowCells(fields, row));
  },
});

const jsonLayout = <Row>(fields: readonly Field<Row>[], read: Read<Row>): Layout => ({
  head: "",
  *lines(database, ask) {
    for (const row of read(database, ask)) yield documentText(rowDocument(fields, row));
  },
});
