import { asRiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { isAbsent } from "../client/control.ts";
import { isObject } from "../client/hello.ts";
import type { Call, Run } from "../command.ts";
import { printState } from "./document.ts";
import { run as startAndTell } from "./start.ts";
import { statusOf } from "./status.ts";
import { stop } from "./stop.ts";

/** `riptide daemon restart`: with `--if-stale` only where another version or another file would run then. */
export const run: Run = async (call) => {
  if (call.given.has("if-stale")) {
    const document = await current(call);
    if (document && !isStale(document)) {
      await printState(call, document, { result: "unchanged" });
      return 0;
    }
  }
  await stop(call);
  return startAndTell(call);
};

/** Undefined where none runs, or one that is of another protocol and so stale by itself. */
async function current(call: Call): Promise<JsonObject | undefined> {
  try {
    return await statusOf(call);
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (isAbsent(error) || error.code === "protocol_mismatch") return undefined;
    throw error;
  }
}

const isStale = ({ skew, config }: JsonObject): boolean =>
  skew !== "none" || (isObject(config) && config.state === "stale");
