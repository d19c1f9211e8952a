import type { ProviderEntry } from "../config/config.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { Engine } from "./engine.ts";
import { type Checked, checkProvider, type HealthAsk } from "./health-check.ts";
import { startLimit } from "./limit.ts";

/** What a look at several providers showed, in their order. */
export interface HealthRun {
  readonly checked: readonly Checked[];
  /** Calls were still under way when the time for the whole look was over. */
  readonly wasCut: boolean;
}

/**
 * Looks at providers at the same time.
 * @param timeoutMs For the whole look; without it each call has its own limit only.
 * @throws RiptideError `cancelled`
 */
export async function checkProviders(
  entries: readonly ProviderEntry[],
  engine: Engine,
  { timeoutMs, ...ask }: HealthAsk & { readonly timeoutMs: number | undefined },
): Promise<HealthRun> {
  const limit = startLimit(engine.clock, ask.signal);
  if (timeoutMs !== undefined) {
    const over = new RiptideError("deadline_exceeded", `not finished within ${formatDuration(timeoutMs)}`);
    limit.set(timeoutMs, () => over);
  }
  try {
    const whole = { ...ask, signal: limit.signal };
    const checked = await Promise.all(entries.map((entry) => checkProvider(entry, engine, whole)));
    return { checked, wasCut: limit.signal.aborted };
  } finally {
    limit.dispose();
  }
}
