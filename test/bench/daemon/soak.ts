import { faultLines } from "./faults.ts";
import { measure } from "./measure.ts";
import type { Findings, Plan } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { workOf } from "./work.ts";
import { MODELS } from "./yaml.ts";

const STREAMS = 1_000;
const STREAM_MS = 60_000;

/** A thousand streams of a minute each, one after the other for so long; every byte of their text is compared. */
export async function soak(stage: Stage, minutes: number, { say }: Pick<Plan, "say">): Promise<Findings> {
  const daemon = await stage.daemon();
  try {
    say(`${STREAMS} streams for ${minutes} minutes`);
    const idle = (await daemon.usage()).residentMb;
    const work = workOf({
      ...{ model: MODELS.minute, stream: true, connections: STREAMS },
      ...{ rampMs: 5_000, warmMs: 0, measureMs: minutes * 60_000, finishMs: STREAM_MS * 1.5 },
    });
    const { faults, tokens, seconds, residentMb, cpuUs } = await measure(work, daemon);
    const failed = Object.values(faults.failures).reduce((sum, count) => sum + count, 0);
    const delivered = ((tokens / seconds) * 100) / (STREAMS * 10);
    const figures = [
      { name: "soak: failures", unit: "", riptide: failed, aim: { of: "riptide", most: 0 } },
      { name: "soak: bytes compared", unit: "", riptide: faults.bytesCompared },
      { name: "soak: tokens delivered", unit: "%", riptide: delivered },
      { name: "soak: CPU per token", unit: "us", riptide: cpuUs / tokens },
      { name: "soak: memory over idle", unit: "MB", riptide: residentMb - idle },
    ] as const;
    return { figures, faults: faultLines("soak", faults) };
  } finally {
    await daemon.stop();
  }
}
