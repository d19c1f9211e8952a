import { resolve } from "node:path";
import { startNode } from "./child.ts";
import { BEGUN, ENDED, type LoadReport, type Order } from "./order.ts";
import type { Target } from "./stage.ts";
import type { Usage } from "./usage.ts";

const LOAD = resolve(import.meta.dirname, "../fixtures/daemon-load.ts");

/** What one load was answered with, and what the target took for it. */
export interface Sample extends LoadReport {
  readonly cpuUs: number;
  /** At the end of the measured span. */
  readonly residentMb: number;
}

/** An order that does not say yet whom to ask. */
export type Work = Omit<Order, "door">;

/** Sends the work to a target from a process of its own. */
export async function measure(work: Work, target: Target): Promise<Sample> {
  const order: Order = { ...work, door: target.door };
  const load = startNode([LOAD, JSON.stringify(order)], { core: "load" });
  try {
    const before = await usageAt(BEGUN);
    const after = await usageAt(ENDED);
    const report: LoadReport = JSON.parse(await load.line());
    return { ...report, cpuUs: after.cpuUs - before.cpuUs, residentMb: after.residentMb };
  } finally {
    await load.stop();
  }

  async function usageAt(line: string): Promise<Usage> {
    const said = await load.line();
    if (said !== line) throw new Error(`the load generator said ${said.slice(0, 200)}`);
    return target.usage();
  }
}
