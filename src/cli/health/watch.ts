import { asRiptideError, RiptideError } from "../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Checked, checkProvider } from "../../engine/health-check.ts";
import { createGuard } from "../../engine/live-guard.ts";
import { startMonitor } from "../../health/monitor.ts";
import type { Call } from "../command.ts";
import type { Session } from "../session.ts";
import type { Watching } from "./asks.ts";
import { engineAsk } from "./look.ts";
import { createScreen } from "./screen.ts";

/**
 * Looks at the providers again and again and shows them anew, on a terminal after every answer, elsewhere after every
 * round. Ctrl-C ends it with exit 0; `--timeout` with what was seen last.
 */
export async function watch(call: Call, session: Session, watching: Watching): Promise<number> {
  const { io } = call;
  const { asks, entries, everyMs } = watching;
  const ask = engineAsk(call, session, asks);
  const { promise: ended, resolve: end } = Promise.withResolvers<"asked" | "over" | RiptideError>();
  const fail = (thrown: unknown) => end(asRiptideError(thrown));
  const screen = createScreen(call, session.config, watching);
  const monitor = startMonitor<Checked>({
    clock: io.clock,
    random: session.engine.random,
    providers: entries.map(({ id }) => id),
    intervalMs: everyMs,
    // Every try has its own limit; this one is for what hears none.
    limitMs: (ask.probeTimeoutMs + 1_000) * (asks.retries + 1),
    probe(id, signal) {
      const entry = entries.find((candidate) => candidate.id === id);
      if (!entry) throw new RiptideError("internal", `no provider ${id} is watched`);
      return checkProvider(entry, freshEngine(session), { ...ask, signal });
    },
    onResult(id, result) {
      if (!(result instanceof RiptideError)) screen.show(id, result).catch(fail);
      else if (result.code !== "deadline_exceeded") fail(result);
    },
  });
  const stop = () => end("asked");
  if (io.signal.aborted) stop();
  io.signal.addEventListener("abort", stop, { once: true });
  const { timeoutMs } = asks;
  const cancelTimer = timeoutMs === undefined ? () => {} : io.clock.timer(timeoutMs, () => end("over"));
  const why = await ended;
  cancelTimer();
  await monitor.stop();
  if (why instanceof RiptideError) throw why;
  return why === "asked" ? 0 : screen.exit();
}

/** Each look is that of a new process: it sees which circuits others have opened since. */
function freshEngine({ engine, config }: Session): Engine {
  const { clock, random, stages } = engine;
  const { retryBudget } = config.failover;
  return { ...engine, guard: createGuard({ clock, random, retryBudget, history: stages.circuits }) };
}
