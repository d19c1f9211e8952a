import { formatTime } from "../core/clock.ts";

/** What is known of a ledger after a command on it. */
export interface LedgerReport {
  readonly ok: boolean;
  readonly differences: readonly string[];
  /** False where there is no file yet. */
  readonly isThere?: boolean;
  readonly operations?: number;
  readonly attempts?: number;
  /** Reservations of processes that are gone. */
  readonly leftovers?: number;
  /** Settlements wait to be booked. */
  readonly pending?: boolean;
  readonly movedTo?: string | null;
  readonly pruned?: PrunedRows;
  /** What helps against the differences. */
  readonly hint?: string;
}

export interface PrunedRows {
  readonly borderMs: number;
  readonly operations: number;
  readonly decisions: number;
  readonly others: number;
}

/** The `riptide.ledger/1` document. */
export function ledgerDocument(path: string, report: LedgerReport) {
  const { ok, operations = 0, attempts = 0, differences, leftovers, pending, movedTo, pruned } = report;
  return {
    schema: "riptide.ledger/1",
    ...{ path, ok, operations, attempts, differences },
    ...(leftovers !== undefined && { leftovers }),
    ...(pending !== undefined && { pending }),
    ...(movedTo !== undefined && { moved_to: movedTo }),
    ...(pruned && {
      pruned: {
        before: formatTime(pruned.borderMs),
        ...{ operations: pruned.operations, decisions: pruned.decisions, others: pruned.others },
      },
    }),
  };
}

/** What `ledger verify` says. */
export function verifyText(path: string, report: LedgerReport): string {
  const { ok, operations, attempts = 0, differences, isThere = true, leftovers = 0, pending, hint } = report;
  if (!isThere) return `no ledger yet: ${path}\n`;
  const size =
    operations === undefined ? "" : ` (${counted(operations, "operation")}, ${counted(attempts, "attempt")})`;
  return [
    `${ok ? "ok" : "not ok"}: ${path}${size}`,
    ...differences.map((difference) => `  ${difference}`),
    ...(leftovers > 0
      ? [`note: ${counted(leftovers, "reservation")} of ended processes; the next request books them`]
      : []),
    ...(pending ? ["note: settlements wait in the emergency file; the next request books them"] : []),
    ...(hint ? [`hint: ${hint}`] : []),
    "",
  ].join("\n");
}

/** What `ledger prune` says. */
export const pruneText = ({ borderMs, operations, decisions, others }: PrunedRows): string =>
  `removed ${counted(operations, "operation")} from before ${formatTime(borderMs).slice(0, 10)} (UTC), ` +
  `${counted(decisions, "decision")}, ${counted(others, "other row")}\n`;

const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
