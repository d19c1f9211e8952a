import { RiptideError } from "../../core/errors.ts";
import { contact, controlDocument } from "../client/control.ts";
import type { Call, Run } from "../command.ts";
import { printDocument } from "../print.ts";

/** `riptide providers disable NAME`: the running daemon sends nothing there any more. */
export const disable: Run = (call) => turn(call, "disable");

/** `riptide providers enable NAME` */
export const enable: Run = (call) => turn(call, "enable");

async function turn(call: Call, action: "disable" | "enable"): Promise<number> {
  const { given, io, format } = call;
  const [name] = given.words;
  if (name === undefined) {
    throw new RiptideError("usage", "which provider?", { hint: "riptide providers list" });
  }
  const length = given.value("for");
  const reached = await contact(call);
  const document = await controlDocument(call, reached, {
    method: "POST",
    path: `/riptide/v1/providers/${encodeURIComponent(name)}`,
    body: { action, ...(length !== undefined && { for: length }) },
  });
  if (format === "json") await printDocument(call, document);
  else {
    const until = length === undefined ? "" : ` for ${length}`;
    await io.stdout.write(`${name}: ${action}d${until} in the daemon; the file stays as it is\n`);
  }
  return 0;
}
