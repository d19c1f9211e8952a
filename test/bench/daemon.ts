import { parseArgs } from "node:util";
import { measureFairness } from "./daemon/fair.ts";
import { figureTable, isMet } from "./daemon/figure.ts";
import { measureMemory } from "./daemon/memory.ts";
import { type Findings, type Plan, runRounds } from "./daemon/rounds.ts";
import { SCENARIOS } from "./daemon/scenarios.ts";
import { soak } from "./daemon/soak.ts";
import { openStage, type Stage } from "./daemon/stage.ts";

const ROUNDS = 5;
/** What is not compared with the pass-through. */
const ALONE = ["memory", "fair"] as const;
const NAMES: readonly string[] = [...SCENARIOS.map(({ name }) => name), ...ALONE];

const OPTIONS = {
  json: { type: "boolean" },
  quick: { type: "boolean" },
  rounds: { type: "string" },
  scenarios: { type: "string" },
  soak: { type: "string" },
} as const;

/**
 * What the daemon costs beside the least that Node can do between a caller and a provider; needs a build. Both stand
 * before the same simulated provider, and are asked in turn. `--rounds N` (5), `--scenarios A,B`, `--quick` for a
 * first look, `--soak MINUTES` for a thousand streams instead, `--json`. Only faults make it fail, never a figure.
 */
export async function run(args: readonly string[]): Promise<void> {
  const given = parseArgs({ args: [...args], options: OPTIONS }).values;
  const chosen = given.scenarios?.split(",") ?? NAMES;
  const unknown = chosen.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    console.error(`no scenario ${unknown.join(", ")}; there are ${NAMES.join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const plan: Plan = {
    rounds: Number(given.rounds ?? (given.quick ? 1 : ROUNDS)),
    share: given.quick ? 0.4 : 1,
    say: (text) => void process.stderr.write(`${text}\n`),
  };
  const stage = await openStage();
  try {
    const minutes = given.soak === undefined ? undefined : Number(given.soak);
    const findings = minutes ? [await soak(stage, minutes, plan)] : await measureAll(stage, chosen, plan);
    report(findings, { rounds: minutes ? 1 : plan.rounds, json: given.json ?? false });
  } finally {
    await stage.close();
  }
}

async function measureAll(stage: Stage, chosen: readonly string[], plan: Plan): Promise<readonly Findings[]> {
  const compared = SCENARIOS.filter(({ name }) => chosen.includes(name));
  const findings = compared.length > 0 ? [await runRounds(stage, compared, plan)] : [];
  if (chosen.includes("memory")) findings.push(await measureMemory(stage, plan));
  if (chosen.includes("fair")) findings.push(await measureFairness(stage, plan));
  return findings;
}

function report(
  findings: readonly Findings[],
  { rounds, json }: { readonly rounds: number; readonly json: boolean },
): void {
  const figures = findings.flatMap((each) => each.figures);
  const faults = findings.flatMap((each) => each.faults);
  if (json) {
    const judged = figures.map((figure) => ({ ...figure, met: isMet(figure) }));
    console.log(JSON.stringify({ node: process.version, rounds, figures: judged, faults }, null, 2));
  } else {
    console.log(`${process.version}, medians of ${plural(rounds)}; ratios are to the pass-through`);
    console.log([figureTable(figures), ...faults].join("\n"));
  }
  if (faults.length > 0) process.exitCode = 1;
}

const plural = (rounds: number): string => (rounds === 1 ? "1 round" : `${rounds} rounds`);
