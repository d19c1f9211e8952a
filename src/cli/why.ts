import { RiptideError } from "../core/errors.ts";
import { whyDocument } from "../output/why.ts";
import { whyText } from "../output/why-text.ts";
import { readStory } from "../store/stories.ts";
import type { Call, Run } from "./command.ts";
import { hasLedger, openSettledLedger } from "./open-ledger.ts";
import { printDocument, printText } from "./print.ts";
import { readConfig } from "./session.ts";

/** `riptide why REQUEST-ID | --last`: what happened to a request, and why. */
export const run: Run = async (call) => {
  const id = idOf(call);
  const { config } = await readConfig(call);
  if (!hasLedger(config, call.io)) {
    throw new RiptideError("not_found", "no request was recorded yet", { hint: "riptide ledger path" });
  }
  const database = await openSettledLedger(config, call.io);
  try {
    const story = readStory(database, id);
    if (call.format === "json") await printDocument(call, whyDocument(story));
    else await printText(call, whyText(story));
    return 0;
  } finally {
    database.close();
  }
};

/** The request asked about; null for the last one. @throws RiptideError `usage` */
function idOf({ given }: Call): string | null {
  const [id] = given.words;
  if (given.has("last") && id === undefined) return null;
  if (!given.has("last") && id !== undefined) return id;
  throw new RiptideError("usage", "which request? give its id, or --last", { hint: "riptide why --last" });
}
