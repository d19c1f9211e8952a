import { median } from "../measure/statistics.ts";
import { type Aim, compared, type Figure } from "./figure.ts";
import type { Sample } from "./measure.ts";
import { type Asked, workOf } from "./work.ts";
import { anthropicModel, MODELS } from "./yaml.ts";

/** The same work for the provider itself, the pass-through and the daemon, in turn. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly asked: Asked;
  /** What the pass-through is asked, where it cannot do the same. */
  readonly bareAsked?: Asked;
  /** Asks the provider itself too, since what is added to its time is looked for. */
  readonly withDirect?: boolean;
  figures(samples: Samples): readonly Figure[];
}

/** One sample each round. */
export interface Samples {
  readonly direct: readonly Sample[];
  readonly bare: readonly Sample[];
  readonly riptide: readonly Sample[];
}

type Read = (sample: Sample) => number;

const latency: Read = ({ latencyMs }) => median(latencyMs);
const firstToken: Read = ({ firstTokenMs }) => median(firstTokenMs);
const requestRate: Read = ({ requests, seconds }) => requests / seconds;
const tokenRate: Read = ({ tokens, seconds }) => tokens / seconds;
const requestCpu: Read = ({ cpuUs, requests }) => cpuUs / requests;
const tokenCpu: Read = ({ cpuUs, tokens }) => cpuUs / tokens;

/** A figure of the daemon beside that of the pass-through. */
const both = (name: string, unit: string, read: Read, aim?: Aim) => (samples: Samples) =>
  compared({ name, unit, aim }, samples.riptide.map(read), samples.bare.map(read));

/** What each adds to the time of the provider alone. */
const added =
  (name: string, read: Read, aim: Aim) =>
  ({ direct, bare, riptide }: Samples) => {
    const over = (sample: Sample, round: number) =>
      read(sample) - (direct[round] ? read(direct[round]) : Number.NaN);
    return compared({ name, unit: "ms", aim }, riptide.map(over), bare.map(over));
  };

const ratio = (bound: { readonly least?: number; readonly most?: number }): Aim => ({
  of: "ratio",
  ...bound,
});

type Reading = (samples: Samples) => Figure;

const scenario = (
  given: Omit<Scenario, "figures">,
  ...readings: readonly [Reading, ...Reading[]]
): Scenario => ({
  ...given,
  figures: (samples) => readings.map((read) => read(samples)),
});

const CLAUDE_BURST = anthropicModel(MODELS.burst);

/** Paced streams: so many at a time, each with a token every so many milliseconds. */
function paced(model: string, connections: number, everyMs: number): Scenario {
  const share: Read = (sample) => (tokenRate(sample) * everyMs) / (10 * connections);
  const asked = { model, stream: true, connections, rampMs: connections, warmMs: 2_000, finishMs: 0 };
  const of = `${connections} streams`;
  return scenario(
    {
      name: `streams-${connections}`,
      title: `${connections} streams with a token each ${everyMs} ms`,
      asked: { ...asked, measureMs: connections >= 2_000 ? 8_000 : 4_000 },
    },
    both(`${of}: tokens delivered`, "%", share, { of: "riptide", least: 98 }),
    both(`${of}: CPU per token`, "us", tokenCpu, ratio({ most: 1.6 })),
    both(`${of}: memory`, "MB", ({ residentMb }) => residentMb),
  );
}

export const SCENARIOS: readonly Scenario[] = [
  scenario(
    {
      ...{ name: "one", title: "whole answers, one at a time", withDirect: true },
      asked: { model: MODELS.short, connections: 1, warmMs: 1_000, measureMs: 2_000 },
    },
    added("one at a time: added, p50", latency, ratio({ most: 2 })),
  ),
  scenario(
    {
      ...{ name: "buffered", title: "whole answers, 64 at a time" },
      asked: { model: MODELS.short },
    },
    both("64 at a time: CPU per request", "us", requestCpu, ratio({ most: 3.5 })),
    both("64 at a time: requests", "/s", requestRate),
    both("64 at a time: p50", "ms", latency),
  ),
  scenario(
    {
      ...{ name: "first-token", title: "streams, one at a time", withDirect: true },
      asked: { model: MODELS.first, stream: true, connections: 1, warmMs: 1_000, measureMs: 2_000 },
    },
    added("first token: added, p50", firstToken, { of: "riptide", most: 1 }),
  ),
  scenario(
    {
      ...{ name: "burst", title: "streams without pauses, OpenAI to OpenAI, 64 at a time" },
      asked: { model: MODELS.burst, stream: true },
    },
    both("burst, OpenAI: tokens", "/s", tokenRate, ratio({ least: 0.6 })),
    both("burst, OpenAI: CPU per token", "us", tokenCpu),
  ),
  scenario(
    {
      ...{ name: "burst-anthropic", title: "streams without pauses, Anthropic to Anthropic, 64 at a time" },
      asked: { model: CLAUDE_BURST, dialect: "anthropic", stream: true },
    },
    both("burst, Anthropic: tokens", "/s", tokenRate, ratio({ least: 0.6 })),
    both("burst, Anthropic: CPU per token", "us", tokenCpu),
  ),
  scenario(
    {
      ...{ name: "burst-translated", title: "streams without pauses, Anthropic to OpenAI, 64 at a time" },
      asked: { model: MODELS.burst, dialect: "anthropic", stream: true },
      bareAsked: { model: MODELS.burst, stream: true },
    },
    both("burst, translated: tokens", "/s", tokenRate, ratio({ least: 0.3 })),
    both("burst, translated: CPU per token", "us", tokenCpu),
  ),
  paced(MODELS.slow500, 500, 50),
  paced(MODELS.slow2000, 2_000, 100),
];

/** Shorter spans, for a first look. */
export const worksOf = ({ asked, bareAsked = asked }: Scenario, share: number) => {
  const shortened = (each: Asked) => {
    const work = workOf(each);
    return { ...work, warmMs: work.warmMs * share, measureMs: work.measureMs * share };
  };
  return { riptide: shortened(asked), bare: shortened(bareAsked) };
};
