import type { Clock } from "../core/clock.ts";
import { formatTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { type BreakerEffect, RiptideError } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";
import type { Random } from "../core/random.ts";
import { type BreakerBoard, type CircuitChange, createBoard } from "../resilience/board.ts";
import { effectOf } from "../resilience/effect.ts";
import type { CircuitHistory } from "../resilience/history.ts";
import { createHolds, type Holds } from "../resilience/holds.ts";
import { createRetryBudget } from "../resilience/retry-budget.ts";
import type { Candidate } from "./candidates.ts";
import { breakerKey, type CircuitSight, type Closed, type Guard, type Pass } from "./guard.ts";
import { createRecall } from "./recall.ts";

/** What a guard needs of the process around it. */
export interface GuardSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  /** What other processes noted; undefined where nothing can be read. */
  history(): Promise<CircuitHistory | undefined>;
  readonly retryBudget: { readonly ratio: number; readonly floor: number };
  readonly onChange?: ((change: CircuitChange) => void) | undefined;
}

/** A timer may fire up to a millisecond before its time, and who was told to wait has then waited. */
const TIMER_SLACK_MS = 1;

const KINDS: readonly OperationClass[] = ["completion", "embedding"];

/** A guard that can be told that a provider is another one now. */
export interface LiveGuard extends Guard {
  /** Begins anew with what was counted and held; what an operator imposed stays (CB-11). */
  forget(provider: string): void;
}

/** The guard of a process. Its breakers and holds start from what the ledger remembers (CB-13). */
export function createGuard({ clock, random, history, retryBudget, onChange }: GuardSurroundings): LiveGuard {
  const board = createBoard(onChange);
  const holds = createHolds(random);
  const retries = createRetryBudget(retryBudget);
  const refresh = createRecall({ clock, board, holds, history });
  const refusal = (candidate: Candidate, kind: OperationClass): Closed | null =>
    circuitOf(board, candidate, kind, clock) ?? holdOf(holds, candidate, clock);
  return {
    refresh,
    refusal,
    enter(candidate, kind, limitMs) {
      const options = candidate.loaded.entry.circuitBreaker;
      const key = breakerKey(candidate.provider, kind);
      const permit = board.acquire(key, options, clock.now(), limitMs);
      if ("retryAtMs" in permit) return openCircuit(permit.retryAtMs, clock);
      return passOf({ board, holds, clock }, candidate, { key, permit });
    },
    circuit: (candidate, kind) =>
      board.view(breakerKey(candidate.provider, kind), candidate.loaded.entry.circuitBreaker, clock.now())
        .state,
    sight: (candidate, kind) => sightOf({ board, holds, clock }, candidate, kind),
    hold({ provider, untilMs }) {
      const heldUntilMs = clock.now() + untilMs - clock.wall();
      holds.restore({ provider, model: "", code: "rate_limited", untilMs: heldUntilMs });
    },
    admitted: () => retries.admitted(clock.now()),
    spendRetry: () => retries.spend(clock.now()),
    forget(provider) {
      for (const kind of KINDS) board.reset(breakerKey(provider, kind), clock.now());
      holds.clear(provider);
    },
  };
}

interface Parts {
  readonly board: BreakerBoard;
  readonly holds: Holds;
  readonly clock: Clock;
}

function passOf(
  { board, holds, clock }: Parts,
  { provider, model, loaded }: Candidate,
  { key, permit }: { readonly key: string; readonly permit: Parameters<BreakerBoard["release"]>[1] },
): Pass {
  let isCommitted = false;
  return {
    committed() {
      isCommitted = true;
      board.commit(key, permit, clock.now());
    },
    end({ error: outcome, sliceMs, configuredDeadlineMs }) {
      const nowMs = clock.now();
      const error = outcome && behind(outcome);
      const attemptCapMs = loaded.entry.timeouts.attemptMs;
      const effect =
        isCommitted && error?.code === "deadline_exceeded"
          ? "ignored"
          : effectOf(error, { sliceMs, configuredDeadlineMs, attemptCapMs });
      board.release(key, permit, effect, nowMs);
      const counted = countedAs(effect, permit.trial, isCommitted);
      if (!error) holds.succeeded(provider);
      if (!error || error.facts.tokenDropped) return { ...counted, holdUntilMs: null };
      const { code, facts } = error;
      const untilMs = holds.hold({ provider, model, code, retryAfterMs: facts.retryAfterMs, nowMs });
      const holdUntilMs = untilMs === null ? null : Math.round(clock.wall() + untilMs - nowMs);
      return { ...counted, holdUntilMs };
    },
  };
}

/** What broke a begun answer off is judged by what it was: a refusal in the middle is one all the same (CB-2). */
function behind(error: RiptideError): RiptideError {
  const { cause } = error.facts;
  return error.code === "stream_interrupted" && cause instanceof RiptideError ? cause : error;
}

/**
 * How the attempt is kept, so that a fold of the rows comes to the same state (CB-13): a trial has succeeded at its
 * first content, and what breaks it off later is an ordinary failure (CB-8).
 */
function countedAs(
  effect: BreakerEffect,
  trial: boolean,
  isCommitted: boolean,
): { readonly effect: BreakerEffect; readonly trial: boolean } {
  if (!trial || !isCommitted) return { effect, trial };
  return effect === "failure" ? { effect, trial: false } : { effect: "success", trial };
}

function sightOf({ board, holds, clock }: Parts, candidate: Candidate, kind: OperationClass): CircuitSight {
  const nowMs = clock.now();
  const wallOf = (ms: number) => Math.round(clock.wall() + ms - nowMs);
  const { provider, model, loaded } = candidate;
  const view = board.view(breakerKey(provider, kind), loaded.entry.circuitBreaker, nowMs);
  const hold = holds.look(provider, model, nowMs);
  return {
    ...view,
    openedAtMs: view.openedAtMs === null ? null : wallOf(view.openedAtMs),
    retryAtMs: view.retryAtMs === null ? null : wallOf(view.retryAtMs),
    hold: hold && { code: hold.code, untilMs: wallOf(hold.untilMs) },
  };
}

function circuitOf(
  board: BreakerBoard,
  candidate: Candidate,
  kind: OperationClass,
  clock: Clock,
): Closed | null {
  const options = candidate.loaded.entry.circuitBreaker;
  const found = board.look(breakerKey(candidate.provider, kind), options, clock.now());
  return found && openCircuit(found.retryAtMs, clock);
}

function openCircuit(retryAtMs: number, clock: Clock): Closed {
  const leftMs = Math.max(0, Math.ceil(retryAtMs - clock.now()));
  const untilWallMs = clock.wall() + leftMs;
  const message = Number.isFinite(leftMs)
    ? `its circuit is open until ${formatTime(Math.ceil(untilWallMs / 1_000) * 1_000)}`
    : "its circuit is held open by an operator";
  const error = new RiptideError(
    "circuit_open",
    message,
    Number.isFinite(leftMs) ? { retryAfterMs: leftMs } : {},
  );
  return { reason: "circuit_open", error, untilMs: retryAtMs, untilWallMs };
}

function holdOf(holds: Holds, { provider, model }: Candidate, clock: Clock): Closed | null {
  const hold = holds.look(provider, model, clock.now() + TIMER_SLACK_MS);
  if (!hold) return null;
  const leftMs = Math.max(0, Math.ceil(hold.untilMs - clock.now()));
  const message = `left alone for ${formatDuration(leftMs)} more after ${hold.code}`;
  const error = new RiptideError(hold.code, message, { retryAfterMs: leftMs });
  return { reason: "held", error, untilMs: hold.untilMs, untilWallMs: Math.round(clock.wall() + leftMs) };
}
