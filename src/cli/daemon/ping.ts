import { contact } from "../client/control.ts";
import type { Run } from "../command.ts";

/** `riptide daemon ping`: 0 where a daemon answers, 10 where none does. */
export const run: Run = async (call) => {
  await contact(call);
  return 0;
};
