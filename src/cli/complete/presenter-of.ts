import { RiptideError } from "../../core/errors.ts";
import type { Call } from "../command.ts";
import type { Around, Presenter } from "./presenter.ts";

/** How the events of this call are shown. @throws RiptideError `usage` */
export async function presenterOf(call: Call, around: Around): Promise<Presenter> {
  if (call.format === "json") return (await import("./json.ts")).jsonPresenter(call, around);
  if (call.format === "jsonl") return (await import("./jsonl.ts")).jsonlPresenter(call, around);
  if (call.format !== "text") throw new RiptideError("usage", `complete cannot print ${call.format}`);
  return (await import("./text.ts")).textPresenter(call, around);
}
