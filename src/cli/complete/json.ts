import { completionDocument } from "../../output/completion.ts";
import { documentText } from "../../output/json.ts";
import type { Call } from "../command.ts";
import { openDestination } from "./destination.ts";
import { type Around, fail, type Presenter, shortfall, tellShortfall, warn } from "./presenter.ts";

/** One document on stdout: `riptide.completion/1`, or `riptide.error/1` with what came of the answer. */
export function jsonPresenter(call: Call, around: Around): Presenter {
  return async (events) => {
    const destination = await openDestination(call);
    for await (const event of events) {
      if (event.type === "error") {
        await destination.abandon(false);
        return fail(call, event, around);
      }
      if (event.type !== "end") continue;
      const error = shortfall(call, event.completion);
      await destination.write(documentText(completionDocument(event.completion, around.facts(), error)));
      await destination.commit();
      await warn(call, event.completion, around);
      return tellShortfall(call, error);
    }
    return 0;
  };
}
