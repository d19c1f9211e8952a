import { VENDORS } from "../e2e/vendors.ts";
import { ask } from "../helpers/ask.ts";
import { startRawServer } from "../helpers/raw-server.ts";
import { SLOW_SERVERS } from "../helpers/slow-servers.ts";
import { vendorEngine } from "../helpers/vendor-engine.ts";

const RUNS = 200;
const DEADLINE_MS = 1_000;
/** Lateness that no run may exceed (DL-1). */
const ALLOWED_MS = 100;
/** Runs at the same time; each has a connection of its own. */
const PARALLEL = 10;

/** How late answers or errors come when a provider keeps its caller waiting, streamed and buffered. */
export async function run(): Promise<void> {
  console.log(`${RUNS} runs each, deadline ${DEADLINE_MS} ms, lateness in ms`);
  console.log(["server", "reply", "worst", "median", "runs late by more than 100"].join("\t"));
  let late = 0;
  for (const [name, script] of Object.entries(SLOW_SERVERS)) {
    for (const stream of [true, false]) {
      const lateness = (await measure(script(100), stream)).toSorted((a, b) => a - b);
      const over = lateness.filter((ms) => ms > ALLOWED_MS).length;
      late += over;
      const [worst = 0, median = 0] = [lateness.at(-1), lateness[RUNS / 2]];
      console.log(
        [name, stream ? "streamed" : "buffered", worst.toFixed(1), median.toFixed(1), over].join("\t"),
      );
    }
  }
  if (late > 0) process.exitCode = 1;
}

async function measure(
  script: Parameters<typeof startRawServer>[0],
  stream: boolean,
): Promise<readonly number[]> {
  const server = await startRawServer(script);
  const [vendor] = VENDORS;
  if (!vendor) throw new Error("no vendor");
  const engine = await vendorEngine([[vendor, server.url]]);
  const lateness: number[] = [];
  const one = async () => {
    const startedAt = performance.now();
    const asked = ask(engine, { stream, timeoutMs: DEADLINE_MS });
    await asked.done;
    if (asked.failure?.error.code !== "deadline_exceeded") throw new Error("ended without its deadline");
    lateness.push(performance.now() - startedAt - DEADLINE_MS);
  };
  while (lateness.length < RUNS) await Promise.all(Array.from({ length: PARALLEL }, one));
  await server.close();
  return lateness;
}
