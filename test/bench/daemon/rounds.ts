import { median } from "../measure/statistics.ts";
import { faultLines } from "./faults.ts";
import type { Figure } from "./figure.ts";
import { measure, type Sample } from "./measure.ts";
import { type Scenario, worksOf } from "./scenarios.ts";
import type { DaemonTarget, Stage, Target } from "./stage.ts";

/** What a part of the bench found. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** What may not happen, in words. */
  readonly faults: readonly string[];
}

export interface Plan {
  readonly rounds: number;
  /** Of the time each measurement takes. */
  readonly share: number;
  /** Says what is under way. */
  say(text: string): void;
}

type Side = "direct" | "bare" | "riptide";

/** Runs the scenarios in turn, round by round, each round with a fresh pass-through and a fresh daemon. */
export async function runRounds(stage: Stage, scenarios: readonly Scenario[], plan: Plan): Promise<Findings> {
  const faults: string[] = [];
  const readyMs: number[] = [];
  const samples = scenarios.map((): Record<Side, Sample[]> => ({ direct: [], bare: [], riptide: [] }));
  for (let round = 1; round <= plan.rounds; round += 1) {
    const targets = await startTargets(stage);
    readyMs.push(targets.riptide.readyMs);
    try {
      for (const [at, scenario] of scenarios.entries()) {
        plan.say(`round ${round} of ${plan.rounds}: ${scenario.title}`);
        for (const [side, sample] of await measureSides(scenario, targets, { round, share: plan.share })) {
          samples[at]?.[side].push(sample);
          faults.push(...faultLines(`${scenario.name}, ${side}, round ${round}`, sample.faults));
        }
      }
    } finally {
      await Promise.all([targets.bare.stop(), targets.riptide.stop()]);
    }
  }
  return { figures: [...ready(readyMs), ...figuresOf(scenarios, samples)], faults };
}

interface Targets extends Readonly<Record<Side, Target>> {
  readonly riptide: DaemonTarget;
}

const startTargets = async (stage: Stage): Promise<Targets> => ({
  direct: stage.direct,
  bare: await stage.passThrough(),
  riptide: await stage.daemon(),
});

async function measureSides(
  scenario: Scenario,
  targets: Targets,
  { round, share }: { readonly round: number; readonly share: number },
): Promise<readonly (readonly [Side, Sample])[]> {
  const works = worksOf(scenario, share);
  const sides: readonly Side[] = scenario.withDirect ? ["direct", "bare", "riptide"] : ["bare", "riptide"];
  const samples: (readonly [Side, Sample])[] = [];
  // Who goes first has the machine as another left it, so they take turns.
  for (const side of round % 2 === 1 ? sides : sides.toReversed()) {
    const work = side === "riptide" ? works.riptide : works.bare;
    samples.push([side, await measure(work, targets[side])]);
  }
  return samples;
}

const figuresOf = (
  scenarios: readonly Scenario[],
  samples: readonly Readonly<Record<Side, readonly Sample[]>>[],
): readonly Figure[] =>
  scenarios.flatMap((scenario, at) => {
    const measured = samples[at];
    return measured ? scenario.figures(measured) : [];
  });

const ready = (readyMs: readonly number[]): readonly Figure[] =>
  readyMs.length === 0
    ? []
    : [{ name: "ready", unit: "ms", riptide: median(readyMs), aim: { of: "riptide", most: 400 } }];
