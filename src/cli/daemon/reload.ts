import type { JsonObject } from "../../core/json.ts";
import { contact, controlDocument } from "../client/control.ts";
import type { Run } from "../command.ts";
import { printState, seenBy } from "./document.ts";

/** `riptide daemon reload`: waits for the verdict on the file as it is now; a bad one changes nothing. */
export const run: Run = async (call) => {
  const reached = await contact(call);
  const document = await controlDocument(call, reached, {
    method: "POST",
    path: "/riptide/v1/reload",
    body: call.given.has("dry-run") ? { dry_run: true } : {},
  });
  await tellWarnings(document);
  const { result = "reloaded" } = document;
  await printState(call, seenBy(call, document), { result });
  return 0;

  async function tellWarnings({ warnings }: JsonObject): Promise<void> {
    if (!Array.isArray(warnings) || call.given.has("quiet")) return;
    for (const warning of warnings) await call.io.stderr.write(`warning: ${String(warning)}\n`);
  }
};
