import { afterAll, afterEach, type TestContext } from "vitest";

/** The rows of the fault matrix that providers, networks and clients are to blame for. */
const FAULTS: Readonly<Record<number, string>> = {
  1: "connection refused",
  2: "connect black hole, dead lookup",
  3: "TLS expired, wrong host, self-signed",
  4: "accepts, never answers",
  5: "FIN or RST without a byte",
  6: "reused connection reset",
  7: "no HTTP, bad chunk, giant head",
  8: "1xx flood, dripped head",
  9: "short body, cut chunks",
  10: "no terminal marker",
  11: "stream split at every byte",
  12: "broken event-stream frame",
  13: "one byte per 300 ms for ever",
  14: "silence after the first token",
  15: "cut after the first token",
  16: "endless line or body, gzip bomb",
  17: "200 with an error inside",
  18: "429/503 with a Retry-After",
  19: "429 everywhere",
  20: "500 for all, 30 %, 31 of 100",
  21: "1,000 poison requests",
  22: "recovery under 1,000 callers",
  23: "loop of one-shot processes",
  24: "401, token or key",
  25: "wrong shape, impossible usage",
  26: "terminal event twice",
  27: "redirect elsewhere",
  28: "answer of another request",
  29: "garbage collection all the time",
  30: "client gone",
};

export interface FaultTable {
  /** Notes what was seen of a row; several notes are printed one after the other. */
  saw(row: number, what: string): void;
}

/** Prints, when a file's tests have run, one line for each row of the fault matrix that a test of it names: `(row 7)`. */
export function faultTable(): FaultTable {
  const notes = new Map<number, Set<string>>();
  const tasks: TestContext["task"][] = [];
  afterEach(({ task }) => void tasks.push(task));
  afterAll(() => {
    const rows = [...new Set(tasks.flatMap(rowsOf))].sort((a, b) => a - b);
    const lines = rows.map((row) => {
      const states = tasks.filter((task) => rowsOf(task).includes(row)).map(({ result }) => result?.state);
      const passed = states.filter((state) => state === "pass").length;
      const seen = [...(notes.get(row) ?? []), `${passed} of ${states.length} tests`].join("; ");
      return lineOf({ row, seen, isOk: passed === states.length });
    });
    console.log(lines.join("\n"));
  });
  return {
    saw(row, what) {
      notes.set(row, (notes.get(row) ?? new Set()).add(what));
    },
  };
}

interface Line {
  readonly row: number;
  readonly seen: string;
  readonly isOk: boolean;
}

/** One line of the table. */
const lineOf = ({ row, seen, isOk }: Line): string =>
  `${String(row).padStart(2)}  ${(FAULTS[row] ?? "").padEnd(38)}${isOk ? "ok    " : "FAILED"}  ${seen}`;

/** The rows that a test's name, or that of a group around it, names. */
const rowsOf = ({ fullName }: TestContext["task"]): readonly number[] =>
  [...fullName.matchAll(/\brows? (\d+(?:, \d+)*)/g)].flatMap(([, list = ""]) => list.split(", ").map(Number));
