import { type CallFacts, completionDocument, trailDocument } from "../../output/completion.ts";
import { documentText } from "../../output/json.ts";
import type { Call } from "../command.ts";
import { reportError } from "../report.ts";
import { openDestination } from "./destination.ts";
import { type Presenter, shortfall, warn } from "./presenter.ts";

/** One document on stdout: `riptide.completion/1`, or `riptide.error/1` with what came of the answer. */
export function jsonPresenter(call: Call, facts: CallFacts): Presenter {
  return async (events) => {
    for await (const event of events) {
      if (event.type === "error") {
        const operation = { id: event.id, partialText: event.partialText, ...trailDocument(event) };
        return reportError(call.io, event.error, { asJson: true, debug: call.given.has("debug"), operation });
      }
      if (event.type !== "end") continue;
      const error = shortfall(call, event.completion);
      const destination = await openDestination(call);
      await destination.write(documentText(completionDocument(event.completion, facts, error)));
      await destination.commit();
      await warn(call, event.completion);
      return error?.exit ?? 0;
    }
    return 0;
  };
}
