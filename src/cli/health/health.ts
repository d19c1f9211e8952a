import type { RiptideError } from "../../core/errors.ts";
import { checkProviders } from "../../engine/health-run.ts";
import type { HealthReport } from "../../health/report.ts";
import type { Call, Run } from "../command.ts";
import { openSession } from "../session.ts";
import { routeAsk } from "../values.ts";
import { askedEntries, checkLimits, type HealthAsks, healthAsks } from "./asks.ts";
import { endOf } from "./end.ts";
import { appendSummary, checkPlaces, writeReports } from "./files.ts";
import { engineAsk, reportNow } from "./look.ts";
import { printReport } from "./print-report.ts";
import { keepProbes } from "./record.ts";

/** `riptide health`: looks at the providers now, and judges what it sees by a policy. */
export const run: Run = async (call) => {
  const startedAt = call.io.clock.now();
  const asks = healthAsks(call);
  await checkPlaces(asks.files, call.io);
  if (call.given.has("cached")) {
    const { cachedReport } = await import("./cached.ts");
    return publish(call, await cachedReport(call, asks), { asks, wasCut: false });
  }
  const session = await openSession(call);
  const { words } = call.given;
  await session.requireProviders({
    ...routeAsk(call.given),
    providers: words.length > 0 ? words : undefined,
  });
  checkLimits(asks, session.config);
  const entries = askedEntries(call, session.config, asks.policy);
  if (asks.watchMs !== undefined) {
    const { watch } = await import("./watch.ts");
    return watch(call, session, { asks, entries, everyMs: asks.watchMs });
  }
  const spentMs = call.io.clock.now() - startedAt;
  const { checked, wasCut } = await checkProviders(entries, session.engine, {
    ...engineAsk(call, session, asks),
    timeoutMs: asks.timeoutMs === undefined ? undefined : Math.max(1, asks.timeoutMs - spentMs),
  });
  const rows = checked.flatMap(({ row }) => row ?? []);
  await keepProbes(call, session.config, rows);
  const report = reportNow(
    call,
    checked.map(({ health }) => health),
    asks,
  );
  return publish(call, report, { asks, wasCut });
};

/** Files first: whoever reads stdout may leave. */
async function publish(
  call: Call,
  report: HealthReport,
  { asks, wasCut }: { readonly asks: HealthAsks; readonly wasCut: boolean },
): Promise<number> {
  const { io } = call;
  const unwritten = await writeReports(report, asks, io).then(
    () => undefined,
    (thrown: RiptideError) => thrown,
  );
  const isGithub = asks.reporter === "github" || asks.files.some(({ reporter }) => reporter === "github");
  if (isGithub) await appendSummary(report, io);
  await printReport(call, report, asks.reporter);
  const exit = await endOf(call, report, { asks, wasCut });
  if (unwritten === undefined) return exit;
  const { errorText } = await import("../../output/error-text.ts");
  await io.stderr.write(errorText(unwritten));
  return exit === 0 ? unwritten.exit : exit;
}
