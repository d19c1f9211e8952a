import { documentText } from "../output/json.ts";
import { sanitise, shouldSanitise } from "../output/sanitise.ts";
import { wantsAscii, wantsColor } from "../output/style.ts";
import type { Column } from "../output/table.ts";
import type { Call } from "./command.ts";
import { wordOf } from "./values.ts";

const WHEN = ["auto", "always", "never"] as const;

/** Prints one JSON document; no secret passes. */
export async function printDocument({ io }: Call, document: unknown): Promise<void> {
  await io.stdout.write(io.redactor.redact(documentText(document)));
}

/** Prints rows as a table: cut to the terminal's width on one, whole in a pipe. */
export async function printTable(
  { io, given }: Call,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const { renderTable } = await import("../output/table.ts");
  const { isTty, columns: width } = io.stdout;
  const text = await renderTable(
    columns,
    rows.map((row) => row.map(sanitise)),
    {
      color: wantsColor(wordOf(given, "color", WHEN) ?? "auto", { isTty, env: io.environment.lookup }),
      ascii: wantsAscii(given.has("ascii"), io.environment.lookup),
      ...(isTty && width !== undefined && { width }),
    },
  );
  await io.stdout.write(io.redactor.redact(text));
}

/** Whether a stranger's text is cleaned before it goes to a stream. */
export const sanitises = ({ given }: Call, isTty: boolean): boolean =>
  shouldSanitise(wordOf(given, "sanitize", WHEN) ?? "auto", isTty);
