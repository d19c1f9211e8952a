import { documentText } from "../output/json.ts";
import { sanitise, shouldSanitise } from "../output/sanitise.ts";
import { wantsAscii, wantsColor } from "../output/style.ts";
import type { Column, TableOptions } from "../output/table.ts";
import type { Call } from "./command.ts";
import { wordOf } from "./values.ts";

const WHEN = ["auto", "always", "never"] as const;

/** Prints one JSON document; no secret passes. */
export async function printDocument({ io }: Call, document: unknown): Promise<void> {
  await io.stdout.write(io.redactor.redact(documentText(document)));
}

/** Prints a whole text; a terminal gets nothing of it that it would obey. */
export async function printText(call: Call, text: string): Promise<void> {
  const { stdout, redactor } = call.io;
  await stdout.write(redactor.redact(sanitises(call, stdout.isTty) ? sanitise(text) : text));
}

/** Prints rows as a table: cut to the terminal's width on one, whole in a pipe; with `--plain` as bare lines. */
export async function printTable(
  call: Call,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const { renderPlain, renderTable } = await import("../output/table.ts");
  const { io, given } = call;
  const safe = rows.map((row) => row.map(sanitise));
  if (given.has("plain")) return io.stdout.write(io.redactor.redact(renderPlain(safe)));
  const text = await renderTable(columns, safe, tableOptions(call));
  await io.stdout.write(io.redactor.redact(text));
}

/** How tables look on this stdout. */
export function tableOptions({ io, given }: Call): TableOptions {
  const { isTty, columns: width } = io.stdout;
  return {
    color: wantsColor(wordOf(given, "color", WHEN) ?? "auto", { isTty, env: io.environment.lookup }),
    ascii: wantsAscii(given.has("ascii"), io.environment.lookup),
    ...(isTty && width !== undefined && { width }),
  };
}

/** Whether a stranger's text is cleaned before it goes to a stream. */
export const sanitises = ({ given }: Call, isTty: boolean): boolean =>
  shouldSanitise(wordOf(given, "sanitize", WHEN) ?? "auto", isTty);
