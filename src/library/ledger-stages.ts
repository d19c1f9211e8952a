import type { Config } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import { type Books, guardedStages } from "../engine/guarded-stages.ts";
import type { Stages } from "../engine/stages.ts";
import { limitsAnyone } from "../engine/tenant-rules.ts";
import { createPriceBook } from "../ledger/price-book.ts";
import { alertText } from "../output/alert.ts";
import { admissionBooks } from "../store/admission-books.ts";
import { circuitHistory } from "../store/circuits.ts";
import type { Database } from "../store/database.ts";
import { durable } from "../store/durability.ts";
import { appendEmergency } from "../store/emergency.ts";
import { foldEmergency } from "../store/fold.ts";
import { grouped } from "../store/grouped.ts";
import { fileAt, inPlace } from "../store/in-place.ts";
import { settleLeftovers } from "../store/leftovers.ts";
import { thisProcess } from "../store/owner.ts";
import { priceMemory } from "../store/prices.ts";
import { readProbes } from "../store/probes.ts";
import { pruneDue, pruneLedger } from "../store/prune.ts";
import { sampleReader } from "../store/samples.ts";
import { settlementBooks } from "../store/settle.ts";
import { checkWritable } from "../store/writable.ts";
import type { Around } from "./around.ts";
import { ledgerPath, openLedger } from "./ledger.ts";

/** Rows that one call may remove on its way out. */
const MAX_PRUNED_ROWS = 4_000;
/** How often a process that stays looks whether old rows are due. */
const TIDY_EVERY_MS = 60_000;

const OTHER_FILE = "the ledger is another file than before, and budgets count what stands in this one";

/** What a process does with the ledger. */
export interface LedgerUse {
  readonly warn: (line: string) => void;
  /** Given by a process that does many things at once: runs what has gathered, to be written together. */
  readonly later?: (run: () => void) => void;
  /** A ledger that ends with this process, in place of the machine's. */
  readonly memory?: Database;
  /** Is told of each database that was opened, so that it can be closed. */
  readonly onOpen?: (database: Database) => void;
}

/**
 * The stages of this process: limits, budgets and costs in the ledger of the machine, opened at its first use.
 * @param config What holds now: the ledger stays open when the configuration changes.
 */
export function ledgerStages(config: () => Config, around: Around, use: LedgerUse): Stages {
  const { warn, later, memory, onOpen } = use;
  let last: { readonly database: Database; readonly file: string | undefined } | undefined;
  return guardedStages({
    clock: around.clock,
    async open() {
      if (memory) return booksOf(memory, config, around);
      // What a damaged file would have said of a budget must not be forgotten.
      const mayStartFresh = !limitsAnyone(config());
      const opened = await openLedger(config(), around, { mayStartFresh, onWarning: warn });
      onOpen?.(opened);
      const file = fileAt(opened.path);
      // Whoever came first may have made the new one, so that it is there says nothing.
      if (last && last.file !== file) warn(`${OTHER_FILE}: ${opened.path}`);
      // All that was begun on it has ended meanwhile. While it was open, no new file could be taken for it.
      last?.database.close();
      last = { database: opened, file };
      const database = durable(inPlace(opened), () => config().ledger.durability);
      return openBooks(later ? grouped(database, later) : database, config, { around, warn });
    },
    prices: createPriceBook(undefined),
    keep(settlement) {
      if (memory) throw new RiptideError("ledger_unavailable", "the ledger was in memory only");
      appendEmergency(ledgerPath(config(), around), settlement);
    },
    isLasting: later !== undefined,
  });
}

async function openBooks(
  database: Database,
  config: () => Config,
  { around, warn }: { readonly around: Around; readonly warn: (line: string) => void },
): Promise<Books> {
  const moment = { owner: thisProcess(), nowMs: around.clock.wall() };
  const { alerts } = await foldEmergency(database, { ...moment, warn });
  for (const alert of alerts) warn(alertText(alert));
  await settleLeftovers(database, moment);
  return booksOf(database, config, around);
}

function booksOf(database: Database, config: () => Config, { clock }: Around): Books {
  const owner = thisProcess();
  const settlements = settlementBooks(database, clock);
  const samples = sampleReader(database, clock);
  let looksAgainMs = 0;
  return {
    ...admissionBooks(database, { clock, owner }),
    prices: createPriceBook(priceMemory(database)),
    circuits: async () => circuitHistory(database, clock.wall),
    samples: async (sinceMs) => samples(sinceMs),
    probes: async (sinceMs) => readProbes(database, sinceMs),
    check: (withinMs) => checkWritable(database, clock.wall(), withinMs),
    async settle(settlement) {
      const settled = await settlements.settle(settlement);
      if (clock.now() < looksAgainMs) return settled;
      looksAgainMs = clock.now() + TIDY_EVERY_MS;
      // What was just booked is booked, and old rows can go another day.
      await tidy(database, config().ledger.retentionMs, clock.wall()).catch(() => undefined);
      return settled;
    },
  };
}

/** Removes what is older than it has to be kept, once a day and a little at a time. */
async function tidy(database: Database, retentionMs: number, nowMs: number): Promise<void> {
  if (!(await pruneDue(database, nowMs))) return;
  await pruneLedger(database, { beforeMs: nowMs - retentionMs, nowMs, maxRows: MAX_PRUNED_ROWS });
}
