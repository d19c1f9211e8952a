import { asRiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { sanitise } from "../../output/sanitise.ts";
import { contact, controlReply } from "../client/control.ts";
import { objectOf } from "../client/hello.ts";
import { linesOf } from "../client/lines.ts";
import type { Call, Run } from "../command.ts";
import { factText } from "./fact-text.ts";

/** `riptide daemon events`: what has happened, as far as the daemon remembers, and with `-f` what happens. */
export const run: Run = async (call) => {
  const { socket } = await contact(call);
  const follow = call.given.has("follow");
  const query = new URLSearchParams({ since: "0", follow: String(follow) });
  const type = call.given.value("type");
  if (type !== undefined) query.set("type", type);
  const path = `/riptide/v1/events?${query}`;
  const accept = "application/x-ndjson";
  try {
    const reply = await controlReply(socket, { method: "GET", path, accept }, call.io.signal);
    for await (const line of linesOf(reply.pieces)) await print(call, line);
    return 0;
  } catch (thrown) {
    const error = asRiptideError(thrown);
    // Ctrl-C is how following ends.
    if (follow && error.code === "cancelled") return call.io.readerGone() ? 0 : error.exit;
    throw error;
  }
};

async function print({ io, format }: Call, line: string): Promise<void> {
  if (format === "jsonl" || format === "json") return io.stdout.write(`${line}\n`);
  const event = objectOf(line);
  if (event) await io.stdout.write(`${sanitise(textOf(event))}\n`);
}

const textOf = ({ seq: _seq, at, type, ...facts }: JsonObject): string =>
  factText([String(at), String(type)], facts);
