import { type ErrorCode, RiptideError } from "../core/errors.ts";
import type { Candidate } from "./candidates.ts";
import type { FailoverPlan, GrowingTrail, Recovery, Successor } from "./failover-plan.ts";
import { endedBy } from "./final-error.ts";
import { interruption } from "./interruption.ts";
import type { Step, Walk } from "./walk.ts";

/** What happened to an answer of which the caller has the beginning. */
interface Broken<C> {
  readonly step: Step<C>;
  readonly error: RiptideError;
  /** It has brought something new. */
  readonly committed: boolean;
  readonly trail: GrowingTrail;
}

/**
 * Who carries on an answer that broke off (SR): the next candidates of other providers in their order. One that fails
 * before it brought anything new gives way to the next; one that refused a begun answer is asked to start over.
 * @throws RiptideError the error that broke the answer off, when nobody can.
 */
export function recover<C extends Candidate, E>(
  plan: FailoverPlan<C, E>,
  walk: Walk<C>,
  broken: Broken<C>,
): Walk<C> {
  const { recovery } = plan;
  const { step, error, committed, trail } = broken;
  if (!recovery || endsAnswer(broken)) throw endedBy(error, trail);
  const interrupted = committed ? error : (walk.interrupted ?? error);
  const again = startingOver(walk, broken, recovery);
  const isSpent = trail.attempts.length >= plan.maxAttempts + (1 - walk.repairs);
  const queue = [...(again ? [again] : []), ...(isSpent ? [] : successorsOf(recovery, walk, step))];
  if (queue.length === 0) throw interruption(interrupted, trail);
  return {
    ...walk,
    queue,
    interrupted,
    repairs: again ? 0 : walk.repairs,
    failovers: walk.failovers + 1,
    failed: { candidate: step.candidate, error },
    lastError: error,
    later: undefined,
    deadlineAt: committed ? plan.clock.now() + recovery.withinMs() : walk.deadlineAt,
  };
}

/** Only a cut, a silence or an error of the server is what another provider may well not have. */
function endsAnswer<C>({ error: { code, facts }, committed }: Broken<C>): boolean {
  if (!committed) return code === "cancelled" || code === "internal";
  const { cause } = facts;
  return !INTERRUPTIONS.includes(code) || (cause instanceof RiptideError && cause.action === "stop");
}

const INTERRUPTIONS: readonly ErrorCode[] = ["stream_interrupted", "stream_idle"];

function successorsOf<C extends Candidate>(
  recovery: Recovery<C>,
  { queue }: Walk<C>,
  { candidate: failed }: Step<C>,
): readonly Step<C>[] {
  const others = queue.slice(1).filter(({ candidate }) => candidate.provider !== failed.provider);
  return others.flatMap(({ candidate }) => {
    const successor = recovery.successor(candidate);
    return successor ? [stepOf(successor)] : [];
  });
}

const stepOf = <C>({ candidate, mode }: Successor<C>): Step<C> => ({ candidate, mode, kind: "continue" });

/** It takes the place of the operation's repair, so that the number of attempts stays what it may be (AT-6). */
function startingOver<C>(
  { repairs }: Walk<C>,
  { step: { candidate, mode }, error, committed }: Broken<C>,
  recovery: Recovery<C>,
): Step<C> | null {
  if (committed || repairs === 0 || mode === undefined) return null;
  const again = recovery.again({ candidate, mode }, error);
  return again && stepOf(again);
}
