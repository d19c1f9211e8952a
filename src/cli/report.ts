import type { RiptideError } from "../core/errors.ts";
import type { FailedOperation } from "../output/error-text.ts";
import type { Io } from "./io.ts";

export interface ReportOptions {
  /** The error goes to stdout as a document, and its first line to stderr (cli.md 1.2). */
  readonly asJson: boolean;
  readonly debug: boolean;
  readonly operation?: FailedOperation;
}

/** Prints an error and resolves to its exit code; when the reader of stdout has gone, nobody is told. */
export async function reportError(io: Io, error: RiptideError, options: ReportOptions): Promise<number> {
  if (io.readerGone()) return 0;
  const { errorDocument, errorLine, errorText } = await import("../output/error-text.ts");
  if (options.asJson && error.code !== "write_failed") {
    const { documentText } = await import("../output/json.ts");
    await io.stdout.write(io.redactor.redact(documentText(errorDocument(error, options.operation))));
  }
  await io.stderr.write(options.asJson ? `${errorLine(error)}\n` : errorText(error));
  if (options.debug && error.stack) await io.stderr.write(`${error.stack}\n`);
  return error.exit;
}
