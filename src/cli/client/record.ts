import type { Call } from "../command.ts";
import { send, textOf } from "./connect.ts";
import type { AttemptDocument } from "./documents.ts";
import { isObject, objectOf } from "./hello.ts";
import { identity } from "./submit.ts";

/** Whoever pressed Ctrl-C waits no longer than this to be told what it came to. */
const PATIENCE_MS = 200;
const LOOK_EVERY_MS = 10;

/**
 * The attempts of a request that this call has given up, with what they cost, once the daemon has booked them.
 * @returns Undefined where it does not say so in time.
 */
export async function bookedAttempts(
  call: Call,
  socket: string,
  id: string,
): Promise<readonly AttemptDocument[] | undefined> {
  const { clock } = call.io;
  const late = new AbortController();
  const cancel = clock.timer(PATIENCE_MS, () => late.abort(new Error("late")));
  const path = `/riptide/v1/requests/${encodeURIComponent(id)}`;
  try {
    for (;;) {
      const ask = { method: "GET", path, headers: identity(call), signal: late.signal } as const;
      const reply = await send(socket, ask);
      const record = objectOf(await textOf(reply));
      if (reply.status === 200 && isObject(record?.reservation) && record.reservation.state === "settled") {
        // The daemon speaks our protocol, which was compared: a record has the members of its schema.
        return record.attempts as unknown as readonly AttemptDocument[];
      }
      await clock.sleep(LOOK_EVERY_MS, late.signal);
    }
  } catch {
    // It is late, or the daemon has gone: then only the ledger knows.
    return undefined;
  } finally {
    cancel();
  }
}
