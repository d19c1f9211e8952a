import { MAX_NANO } from "../core/money.ts";
import { DAY_MS, HOUR_MS, type PeriodSpan } from "../core/period.ts";
import type { Database } from "./database.ts";
import type { Window } from "./known.ts";
import type { PendingTable } from "./pending.ts";

type Span = "hour" | "day";

/** Windows of one scope and one length. */
export interface WindowsOf {
  /** A tenant's name, or nothing for the whole installation. */
  readonly scope: string;
  readonly span: Span;
}

/** The start of the hour, the day or another length that holds a moment, in UTC. */
export const startOf = (atMs: number, lengthMs: number): number =>
  atMs - (((atMs % lengthMs) + lengthMs) % lengthMs);

/**
 * Adds to what the tenant and the installation spent and hold in the hour and the day of an operation. Inside a
 * transaction.
 */
export function bookWindows(
  database: Database,
  { tenant, startedMs }: { readonly tenant: string; readonly startedMs: number },
  { spentNano, heldNano }: { readonly spentNano: number; readonly heldNano: number },
): void {
  if (spentNano === 0 && heldNano === 0) return;
  const [hour, day] = [startOf(startedMs, HOUR_MS), startOf(startedMs, DAY_MS)];
  for (const scope of ["", tenant]) {
    add(database, { scope, span: "hour" }, hour, { spentNano, heldNano });
    add(database, { scope, span: "day" }, day, { spentNano, heldNano });
  }
}

const WINDOWS: PendingTable = {
  name: "windows",
  key: ["scope", "span", "start"],
  values: ["spent_nano", "held_nano"],
};

function add({ pending, known }: Database, of: WindowsOf, startMs: number, amounts: Amounts): void {
  const { spentNano, heldNano } = amounts;
  pending.add(WINDOWS, [of.scope, of.span, startMs], [spentNano, heldNano]);
  for (const range of known()?.ranges.get(nameOf(of)) ?? [])
    if (startMs >= range.startMs && startMs < range.endMs) addKnown(range.windows, startMs, amounts);
}

type Amounts = Pick<Window, "spentNano" | "heldNano">;

function addKnown(windows: Map<number, Window>, startMs: number, { spentNano, heldNano }: Amounts): void {
  const window = windows.get(startMs);
  if (window) {
    window.spentNano += spentNano;
    window.heldNano += heldNano;
  } else if (spentNano >= 0 && heldNano >= 0) {
    // Nothing can be taken out of a row that is not there.
    windows.set(startMs, { startMs, spentNano, heldNano });
  }
}

const nameOf = ({ scope, span }: WindowsOf): string => `${span} ${scope}`;

/** The windows that begin within a period; inside a transaction they are read once, until others write. */
export function windowsIn(database: Database, of: WindowsOf, period: PeriodSpan): Iterable<Window> {
  const known = database.known();
  if (!known) return readWindows(database, of, period).values();
  const name = nameOf(of);
  const ranges = known.ranges.get(name) ?? [];
  const { startMs, endMs } = period;
  const found = ranges.find((range) => range.startMs === startMs && range.endMs === endMs);
  if (found) return found.windows.values();
  const windows = readWindows(database, of, period);
  known.ranges.set(name, [...ranges.slice(1 - MAX_RANGES), { startMs, endMs, windows }]);
  return windows.values();
}

/** The newest are kept: a scope with more periods of one span than this has its windows read for each request. */
const MAX_RANGES = 8;

function readWindows(
  database: Database,
  { scope, span }: WindowsOf,
  { startMs, endMs }: PeriodSpan,
): Map<number, Window> {
  database.pending.write();
  const rows = database
    .prepare(
      `SELECT start AS startMs, min(spent_nano - forgiven_nano, ${MAX_NANO}) AS spentNano,
         min(held_nano, ${MAX_NANO}) AS heldNano
       FROM windows WHERE scope = ? AND span = ? AND start >= ? AND start < ?`,
    )
    .all(scope, span, startMs, endMs) as unknown as Window[]; // The columns are those of the query.
  return new Map(rows.map((row) => [row.startMs, row]));
}
