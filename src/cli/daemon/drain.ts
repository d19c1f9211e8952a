import { contact, controlDocument, verbTimeoutMs } from "../client/control.ts";
import type { Run } from "../command.ts";
import { durationOf } from "../values.ts";
import { printState, seenBy } from "./document.ts";

const WAIT_MS = 30_000;

/** `riptide daemon drain`: takes no more work, and ends when what is running has ended. */
export const run: Run = async (call) => {
  const waitMs = durationOf(call.given, "wait") ?? WAIT_MS;
  const reached = await contact(call);
  const document = await controlDocument(call, reached, {
    method: "POST",
    path: "/riptide/v1/drain",
    body: { wait_ms: waitMs, ...(call.given.has("cancel") && { cancel: true }) },
    // The daemon says by itself that the time is over.
    limitMs: waitMs + verbTimeoutMs(call),
  });
  const { result = "drained" } = document;
  await printState(call, seenBy(call, document), { result });
  return 0;
};
