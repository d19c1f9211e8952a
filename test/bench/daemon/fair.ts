import { faultLines } from "./faults.ts";
import { compared, type Figure } from "./figure.ts";
import { measure, type Sample, type Work } from "./measure.ts";
import type { Findings, Plan } from "./rounds.ts";
import type { DaemonTarget, Stage } from "./stage.ts";
import { workOf } from "./work.ts";
import { MANY_CONCURRENT, MODELS, OFTEN_PER_MINUTE, TENANTS } from "./yaml.ts";

/** How many times its own limit a loud tenant asks for (TA-6). */
const TIMES = 50;
/** What the answer of the quiet tenant's model takes; the loud tenants ask for the same. */
const ANSWER_MS = 100;

/** Loud in two ways: too often, and too much at a time. */
const LOUD = [
  { tenant: TENANTS.often, limit: "requests a minute", ratePerSecond: (OFTEN_PER_MINUTE / 60) * TIMES },
  {
    ...{ tenant: TENANTS.many, limit: "concurrent requests" },
    ratePerSecond: ((MANY_CONCURRENT * 1_000) / ANSWER_MS) * TIMES,
  },
] as const;

/** What a quiet tenant notices of another that sends fifty times what it may. */
export async function measureFairness(stage: Stage, { rounds, share, say }: Plan): Promise<Findings> {
  const daemon = await stage.daemon();
  const alone: Sample[] = [];
  const beside = LOUD.map((): Sample[] => []);
  try {
    await measure({ ...quiet(1), measureMs: 1_000 }, daemon);
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}: a quiet tenant alone and beside a loud one`);
      alone.push(await measure(quiet(share), daemon));
      for (const [at, loud] of LOUD.entries()) beside[at]?.push(await besideLoud(daemon, loud, share));
    }
  } finally {
    await daemon.stop();
  }
  const figures = LOUD.map(({ limit }, at) => figureOf(limit, beside[at] ?? [], alone));
  const faults = [alone, ...beside].flatMap((samples, at) =>
    samples.flatMap((sample) => faultLines(`quiet tenant ${at === 0 ? "alone" : "beside"}`, sample.faults)),
  );
  return { figures, faults };
}

/** Five requests a second. */
const quiet = (share: number): Work =>
  workOf({
    ...{ model: MODELS.answering, tenant: TENANTS.quiet, ratePerSecond: 5, connections: 20 },
    ...{ warmMs: 500, measureMs: 10_000 * share },
  });

async function besideLoud(
  daemon: DaemonTarget,
  { tenant, ratePerSecond }: (typeof LOUD)[number],
  share: number,
): Promise<Sample> {
  const asked = quiet(share);
  const loud = workOf({
    ...{ model: MODELS.answering, tenant, ratePerSecond, connections: 1_000, warmMs: 0 },
    measureMs: asked.warmMs + asked.measureMs + 1_000,
  });
  // What the loud tenant is refused is what it deserves.
  const [sample] = await Promise.all([measure(asked, daemon), measure(loud, daemon)]);
  return sample;
}

function figureOf(limit: string, beside: readonly Sample[], alone: readonly Sample[]): Figure {
  // A round has too few requests for a 99th percentile of its own.
  const p99 = (samples: readonly Sample[]) => {
    const all = samples.flatMap(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
    return all[Math.ceil(all.length * 0.99) - 1] ?? Number.NaN;
  };
  const name = `quiet p99 beside ${TIMES} x ${limit}, to alone`;
  return compared({ name, unit: "ms", aim: { of: "ratio", most: 1.2 } }, [p99(beside)], [p99(alone)]);
}
