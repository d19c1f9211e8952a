import type { RiptideError } from "../core/errors.ts";
import type { FailedOperation } from "../output/error-text.ts";
import { sanitise } from "../output/sanitise.ts";
import type { Format } from "./command.ts";
import type { Io } from "./io.ts";

export interface ReportOptions {
  /** With `json` the error is a document on stdout, with `jsonl` the last event; stderr gets its first line (cli.md 1.2). */
  readonly format: Format;
  readonly debug: boolean;
  readonly operation?: FailedOperation;
}

/** Prints an error and resolves to its exit code; when the reader of stdout has gone, nobody is told. */
export async function reportError(io: Io, thrown: RiptideError, options: ReportOptions): Promise<number> {
  if (io.readerGone()) return 0;
  const error = io.writeFailure() ?? thrown;
  const { format, debug, operation = {} } = options;
  const asJson = (format === "json" || format === "jsonl") && error.code !== "write_failed";
  if (asJson) {
    const [{ errorDocument }, { documentText }] = await Promise.all([
      import("../output/error-text.ts"),
      import("../output/json.ts"),
    ]);
    const document = errorDocument(error, operation, io.redactor.redact);
    await io.stdout.write(documentText(format === "json" ? document : { type: "error", ...document }));
  }
  await io.stderr.write(await textFor(error, operation, asJson));
  if (debug && error.stack) await io.stderr.write(`${sanitise(error.stack)}\n`);
  return error.exit;
}

async function textFor(error: RiptideError, operation: FailedOperation, asJson: boolean): Promise<string> {
  // Whoever pressed Ctrl-C knows why it ended.
  if (error.code === "cancelled")
    return `interrupted${operation.spent ? `, ${operation.spent} spent` : ""}\n`;
  const { errorLine, errorText } = await import("../output/error-text.ts");
  if (asJson) return `${errorLine(error)}\n`;
  // A call that was wrong in itself never became a request.
  return errorText(error, { ...operation, requestId: error.code === "usage" ? undefined : operation.id });
}
