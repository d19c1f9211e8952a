import type { AdmissionBooks } from "../admission/books.ts";
import { type AdmissionRules, needsLedger } from "../admission/rules.ts";
import type { Clock } from "../core/clock.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { humanUsd } from "../core/money.ts";
import type { PriceBook } from "../ledger/price-book.ts";
import type { Settlement, SettlementBooks } from "../ledger/settlement.ts";
import { type Bookable, decideUntouched, type Memory, type Stages } from "./stages.ts";

/** An open ledger. */
export interface Books extends AdmissionBooks, SettlementBooks, Memory, Bookable {
  readonly prices: PriceBook;
}

export interface LedgerAccess {
  readonly clock: Clock;
  /** @throws RiptideError `ledger_unavailable` */
  open(): Promise<Books>;
  /** Prices without a ledger to remember them in. */
  readonly prices: PriceBook;
  /** Keeps a settlement for the next process that opens the ledger. @throws when it cannot be kept either */
  keep(settlement: Settlement): void;
  /** The process lives on, so that its memory is a place to keep something in. */
  readonly isLasting?: boolean;
}

/**
 * Stages on a ledger that may fail (LG-11). Where a limit or budget applies nothing is sent without it; otherwise the
 * request is answered with a warning, and what it cost is kept until the ledger is there again.
 */
export function guardedStages(access: LedgerAccess): Stages {
  const { books, failed } = mendedBooks(access);
  const inMemory = settledLater(access);
  /** What cannot be read is as if it had never been; admission says that the ledger is not there. */
  const remembered = async <T>(read: (books: Books) => Promise<T>, nothing: T): Promise<T> => {
    try {
      return await read(await books());
    } catch (thrown) {
      failed(thrown);
      return nothing;
    }
  };
  return {
    prices: {
      async priceOf(model, atMs) {
        const { prices } = await books().catch((thrown) => {
          failed(thrown);
          return access;
        });
        return prices.priceOf(model, atMs);
      },
    },
    async admit(ask) {
      try {
        return await (await books()).admit(ask);
      } catch (thrown) {
        const error = failed(thrown);
        if (needsLedger(ask.rules)) throw unsafe(error, ask.rules);
        // Without it nobody knows whether the key is new.
        if (ask.operation.idempotencyKey !== null) throw error;
        return {
          ...decideUntouched(ask),
          warnings: [`sent without the ledger, as no budget or limit applies: ${textOf(error)}`],
        };
      }
    },
    preview: async (ask) =>
      (await remembered((opened) => opened.preview(ask), undefined)) ?? decideUntouched(ask),
    occupy: (id, target, withinMs) => remembered((opened) => opened.occupy(id, target, withinMs), true),
    async raise(id, heldNano, budgets, withinMs) {
      try {
        return await (await books()).raise(id, heldNano, budgets, withinMs);
      } catch (thrown) {
        failed(thrown);
        return budgets.length === 0;
      }
    },
    async settle(settlement) {
      try {
        const settled = await (await books()).settle(settlement);
        inMemory.settle(await books());
        return settled;
      } catch (thrown) {
        // Whatever went wrong, the answer is there and what it cost must not be lost.
        const error = asRiptideError(thrown);
        if (error.code === "ledger_unavailable") failed(error);
        return { fresh: true, alerts: [], warnings: [keepAside(settlement, error, { access, inMemory })] };
      }
    },
    circuits: () => remembered((opened) => opened.circuits(), undefined),
    samples: (sinceMs) => remembered((opened) => opened.samples(sinceMs), []),
    probes: (sinceMs) => remembered((opened) => opened.probes(sinceMs), []),
    async check(withinMs) {
      try {
        await (await books()).check(withinMs);
        inMemory.settle(await books());
      } catch (thrown) {
        throw failed(thrown);
      }
    },
  };
}

/** The ledger, opened at its first use and again after it has failed. */
function mendedBooks(access: LedgerAccess) {
  let opened: Promise<Books> | undefined;
  let failure: { readonly error: RiptideError; readonly untilMs: number } | undefined;
  const books = async (): Promise<Books> => {
    if (failure && access.clock.now() < failure.untilMs) throw failure.error;
    opened ??= access.open();
    return opened;
  };
  /** After an error of the disk the file is opened anew, but not for a while: each step of a request would wait. */
  const failed = (thrown: unknown): RiptideError => {
    const error = asRiptideError(thrown);
    if (error.code !== "ledger_unavailable") throw error;
    // One caller's haste says nothing of the ledger: nobody else is refused for it.
    if (error.facts.wasHurried) return error;
    opened = undefined;
    if (error !== failure?.error) failure = { error, untilMs: access.clock.now() + PAUSE_MS };
    return error;
  };
  return { books, failed };
}

/** A ledger that failed is left alone for so long. */
const PAUSE_MS = 5_000;

const textOf = ({ message, facts: { hint } }: RiptideError): string =>
  hint === undefined ? message : `${message} (${hint})`;

function unsafe(error: RiptideError, { tenant, budgets }: AdmissionRules): RiptideError {
  const kept = budgets.length > 0 ? "a budget" : "a limit";
  const reasons = [`tenant ${tenant} has ${kept} that cannot be kept without it; nothing was sent`];
  const { facts } = error;
  return new RiptideError(error.code, error.message, {
    ...facts,
    reasons: [...reasons, ...(facts.reasons ?? [])],
  });
}

/** Settlements that memory holds, where not even a file takes them (LG-11). */
interface SettledLater {
  /** False where there is no room, or nobody will be there later. */
  take(settlement: Settlement): boolean;
  /** Books them, now that the ledger works again. */
  settle(books: Books): void;
}

const MAX_IN_MEMORY = 10_000;

function settledLater({ isLasting }: LedgerAccess): SettledLater {
  const waiting: Settlement[] = [];
  let isSettling = false;
  const settleAll = async (books: Books): Promise<void> => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      await books.settle(next);
      waiting.shift();
    }
  };
  return {
    take(settlement) {
      if (isLasting !== true || waiting.length >= MAX_IN_MEMORY) return false;
      waiting.push(settlement);
      return true;
    },
    settle(books) {
      if (isSettling || waiting.length === 0) return;
      isSettling = true;
      // Whatever fails now waits for the next one that succeeds.
      void settleAll(books)
        .catch(() => undefined)
        .finally(() => {
          isSettling = false;
        });
    },
  };
}

/** Keeps what could not be booked, and says what came of it. */
function keepAside(
  settlement: Settlement,
  error: RiptideError,
  { access, inMemory }: { readonly access: LedgerAccess; readonly inMemory: SettledLater },
): string {
  const { operation, attempts } = settlement;
  const cost = attempts.reduce((sum, { charge }) => sum + charge.costNano, 0);
  try {
    access.keep(settlement);
    return `the cost of this request is kept until the ledger takes it: ${textOf(error)}`;
  } catch {
    if (inMemory.take(settlement))
      return `the cost of this request is kept in memory until the ledger takes it: ${textOf(error)}`;
    return `the cost of ${operation.id}, ${humanUsd(cost)}, could not be recorded anywhere: ${textOf(error)}`;
  }
}
