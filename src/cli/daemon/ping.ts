import { contact } from "../client/control.ts";
import type { Run } from "../command.ts";
import { printDocument } from "../print.ts";

/** `riptide daemon ping`: 0 where a daemon answers, 10 where none does; says nothing else, unless asked for a document. */
export const run: Run = async (call) => {
  const { clock } = call.io;
  const startedAt = clock.now();
  const { socket, hello } = await contact(call);
  if (call.format !== "json") return 0;
  const { pid, version, protocol, state } = hello;
  const tookMs = Math.round(clock.now() - startedAt);
  await printDocument(call, {
    ...{ schema: "riptide.ping/1", ok: true, state, pid, version, protocol, socket, took_ms: tookMs },
  });
  return 0;
};
