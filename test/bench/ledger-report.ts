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
const ROUNDS = 11;
/** The aim is for the first case; the others show what time zones and days cost. */
const BUDGET_MS = 150;
const DAYS = 45;
const SIZES = [1_000_000, 5_000_000] as const;

const CASES = [
  { name: "costs --by tenant,model --since 30d", args: ["costs", "--by", "tenant,model", "--since", "30d"] },
  { name: "costs --by day", args: ["costs", "--by", "day"] },
  { name: "costs --by day --tz Asia/Kolkata", args: ["costs", "--by", "day", "--tz", "Asia/Kolkata"] },
] as const;

const YAML = "version: 1\nproviders:\n  fake: { type: mock }\nmodels:\n  default: { targets: [fake/m] }\n";

/**
 * What a report over a large ledger costs over the floor of a process start (`riptide --version`), against the aim of
 * 150 ms. `--operations N` measures another size; `--json` prints a document.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = { json: { type: "boolean" }, operations: { type: "string", multiple: true } } as const;
  const { json, operations } = parseArgs({ args: [...args], options }).values;
  const sizes = operations?.map(Number) ?? SIZES;
  const lines = [];
  for (const size of sizes) lines.push(...(await measured(size)));
  if (json) console.log(JSON.stringify({ node: process.version, rounds: ROUNDS, lines }, null, 2));
  else
    console.log(
      columns([
        [`ms over riptide --version, median of ${ROUNDS}`, "operations", "wall", "budget", ""],
        ...lines.map(({ name, size, wallMs }) => [
          name,
          String(size),
          wallMs.toFixed(0),
          name === CASES[0].name ? String(BUDGET_MS) : "",
          name === CASES[0].name ? (wallMs > BUDGET_MS ? "OVER" : "under") : "",
        ]),
      ]),
    );
}

async function measured(size: number) {
  const home = mkdtempSync(join(tmpdir(), "riptide-bench-"));
  try {
    writeFileSync(join(home, "providers.yaml"), YAML);
    const path = join(home, "state/ledger.db");
    const database = await openDatabase({ path, durability: "normal", clock: systemClock });
    fillLedger(database, { size, days: DAYS });
    database.close();
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: home,
      RIPTIDE_CONFIG: join(home, "providers.yaml"),
      RIPTIDE_STATE_DIR: join(home, "state"),
    };
    const program = (...words: readonly string[]): Program => ({
      argv: [process.execPath, LAUNCHER, ...words],
      env,
    });
    const walls = (one: Program) =>
      median(Array.from({ length: ROUNDS + 1 }, () => costOf(one).wallMs).slice(1));
    const floor = walls(program("--version"));
    return CASES.map(({ name, args }) => ({
      name,
      size,
      wallMs: walls(program(...args, "--json")) - floor,
    }));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
