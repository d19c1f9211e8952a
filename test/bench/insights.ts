import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/store/open.ts";
import { fillLedger } from "./measure/large-ledger.ts";
import { costOf, type Program } from "./measure/process.ts";
import { columns, median } from "./measure/statistics.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");
const ROUNDS = 7;
const SIZE = 1_000_000;

/** What all others are compared with: the plain report of the same range, in turns with them. */
const BASELINE = "costs --by tenant,model --since 30d";
const CASES: readonly { readonly words: string; readonly budgetMs?: number }[] = [
  { words: BASELINE },
  { words: "costs insights --since 30d", budgetMs: 1_000 },
  { words: "costs forecast" },
  { words: "stats --since 30d" },
  { words: "route simulate --strategy lowest-cost --since 30d" },
];

/** Two targets behind each alias, one of them with a price that depends on the length of the prompt. */
const YAML = `version: 1
providers:
  provider-0: { type: mock, prices: { "*": { input: 1, output: 2 } } }
  provider-1: { type: mock, prices: { "*": { input: 0.1, output: 0.2 } } }
  provider-2: { type: mock, prices: { "*": { input: 0.5, output: 1 } } }
  tiered: { type: openai, api_key: sk-none }
models:
  smart: { targets: [provider-0/model-0, provider-1/model-2] }
  fast: { targets: [provider-2/model-4, tiered/gpt-5.4] }
budgets: [{ limit: 5000, period: month }]
`;

/**
 * What looking for insights costs in a ledger of a million operations, start of the process included, against the aim of
 * a second, and beside the plain report of the same range. `--operations N` measures another size; `--json` prints a
 * document.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = { json: { type: "boolean" }, operations: { type: "string" } } as const;
  const { json, operations } = parseArgs({ args: [...args], options }).values;
  const size = operations === undefined ? SIZE : Number(operations);
  const lines = await measured(size);
  if (json)
    console.log(JSON.stringify({ node: process.version, rounds: ROUNDS, operations: size, lines }, null, 2));
  else
    console.log(
      columns([
        [`ms for ${size} operations, median of ${ROUNDS}`, "wall", "ratio", "budget", ""],
        ...lines.map(({ words, wallMs, ratio, budgetMs }) => [
          ...[words, wallMs.toFixed(0), ratio.toFixed(2)],
          ...(budgetMs === undefined ? ["", ""] : [String(budgetMs), wallMs > budgetMs ? "OVER" : "under"]),
        ]),
      ]),
    );
}

async function measured(size: number) {
  const home = mkdtempSync(join(tmpdir(), "riptide-bench-"));
  try {
    writeFileSync(join(home, "providers.yaml"), YAML, { mode: 0o600 });
    const path = join(home, "state/ledger.db");
    const database = await openDatabase({ path, durability: "normal", clock: systemClock });
    fillLedger(database, { size, days: 28 });
    database.close();
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: home,
      RIPTIDE_CONFIG: join(home, "providers.yaml"),
      RIPTIDE_STATE_DIR: join(home, "state"),
    };
    const program = (words: string): Program => ({
      argv: [process.execPath, LAUNCHER, ...words.split(" "), "--json"],
      env,
    });
    // In turns, so that whatever else the machine does meets all of them; the first round warms up.
    const rounds = Array.from({ length: ROUNDS + 1 }, () =>
      CASES.map(({ words }) => costOf(program(words)).wallMs),
    ).slice(1);
    const walls = CASES.map((_, at) => median(rounds.map((round) => round[at] ?? Number.NaN)));
    return CASES.map((one, at) => ({
      ...one,
      wallMs: walls[at] ?? Number.NaN,
      ratio: median(rounds.map((round) => (round[at] ?? Number.NaN) / (round[0] ?? Number.NaN))),
    }));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
