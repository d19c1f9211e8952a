import type { Clock } from "../../core/clock.ts";
import { asRiptideError, RiptideError } from "../../core/errors.ts";
import type { Stages } from "../../engine/stages.ts";
import type { Log } from "../context.ts";

/** Why requests can neither be admitted nor settled now; undefined where they can. Never rejects. */
export type LedgerCheck = () => Promise<RiptideError | undefined>;

/** Whoever polls quickly is answered from the look before. */
const FRESH_MS = 1_000;
/** A lock is waited for as long as a probe of readiness can wait. */
const WITHIN_MS = 500;
/** Opening it anew may take longer, which nobody who only looks waits for. */
const LIMIT_MS = 800;

/** Asks the ledger by the way that requests take, so that readiness and requests say the same. */
export function createLedgerCheck(
  stages: Pick<Stages, "check">,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): LedgerCheck {
  let last: { readonly atMs: number; readonly found: ReturnType<LedgerCheck> } | undefined;
  let isBroken = false;
  const look = async (): Promise<RiptideError | undefined> => {
    const error = await withinLimit(stages.check(WITHIN_MS), clock).then(() => undefined, asRiptideError);
    if (error && !isBroken) log.error({ code: error.code, reasons: error.facts.reasons }, error.message);
    if (!error && isBroken) log.info({}, "the ledger works again");
    isBroken = error !== undefined;
    return error;
  };
  return () => {
    if (!last || clock.now() - last.atMs >= FRESH_MS) last = { atMs: clock.now(), found: look() };
    return last.found;
  };
}

function withinLimit(checked: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new RiptideError("ledger_unavailable", `the ledger did not answer within ${LIMIT_MS} ms`);
    const cancel = clock.timer(LIMIT_MS, () => reject(late));
    void checked.then(resolve, reject).finally(cancel);
  });
}
