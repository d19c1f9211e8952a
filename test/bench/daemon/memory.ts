import { setTimeout as sleep } from "node:timers/promises";
import { faultLines } from "./faults.ts";
import type { Figure } from "./figure.ts";
import { measure } from "./measure.ts";
import type { Findings, Plan } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { workOf } from "./work.ts";
import { MODELS } from "./yaml.ts";

const STREAMS = 2_000;
/** What a start leaves behind is gone by then. */
const SETTLE_MS = 30_000;
const LATER_MS = 60_000;

/** The memory of a fresh daemon, of the same with two thousand streams, and a minute after those have ended. */
export async function measureMemory(stage: Stage, { share, say }: Plan): Promise<Findings> {
  const daemon = await stage.daemon();
  try {
    await sleep(SETTLE_MS);
    const idle = (await daemon.usage()).residentMb;
    say(`memory: ${STREAMS} streams`);
    const work = workOf({
      ...{ model: MODELS.slow2000, stream: true, connections: STREAMS, rampMs: STREAMS, finishMs: 0 },
      ...{ warmMs: 3_000, measureMs: 8_000 * share },
    });
    const { residentMb, faults } = await measure(work, daemon);
    say("memory: a minute later");
    await sleep(LATER_MS);
    const after = (await daemon.usage()).residentMb;
    const figures = [
      figure("memory idle", idle, 90),
      figure(`memory at ${STREAMS} streams`, residentMb, 250),
      figure("memory a minute later, over idle", after - idle, 40),
    ];
    return { figures, faults: faultLines("memory", faults) };
  } finally {
    await daemon.stop();
  }
}

const figure = (name: string, riptide: number, most: number): Figure => ({
  ...{ name, unit: "MB", riptide },
  aim: { of: "riptide", most },
});
