import type { CompletionResult } from "../../engine/events.ts";
import { eventDocument, type ToldEvent } from "../../output/events.ts";
import { documentText } from "../../output/json.ts";
import type { Call } from "../command.ts";
import { type Around, fail, type Presenter, shortfall, tellShortfall, warn } from "./presenter.ts";

/** One event a line on stdout, each written at once; the last is `end` or `error`. */
export function jsonlPresenter(call: Call, around: Around): Presenter {
  const errorOf = (result: CompletionResult) => shortfall(call, result);
  return async (events) => {
    let id = "";
    for await (const event of events) {
      if (event.type === "error") return fail(call, event, around);
      if (event.type === "start") id = event.id;
      await call.io.stdout.write(lineOf(event, id));
      if (event.type !== "end") continue;
      await warn(call, event.completion, around);
      return tellShortfall(call, errorOf(event.completion));
    }
    return 0;
  };

  function lineOf(event: ToldEvent, id: string): string {
    const error = event.type === "end" ? errorOf(event.completion) : undefined;
    return documentText(eventDocument(event, { id, facts: around.facts(), error }));
  }
}
