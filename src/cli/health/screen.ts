import type { Config } from "../../config/config.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Checked } from "../../engine/health-check.ts";
import { exitOf } from "../../health/policy.ts";
import type { HealthReport } from "../../health/report.ts";
import type { Call } from "../command.ts";
import type { Watching } from "./asks.ts";
import { writeReports } from "./files.ts";
import { reportNow } from "./look.ts";
import { printReport } from "./print-report.ts";
import { keepProbes } from "./record.ts";

/** Shows what a watch sees. */
export interface Screen {
  /** Takes in what a look at one provider showed. @throws RiptideError `write_failed` */
  show(id: string, checked: Checked): Promise<void>;
  /** The exit code of what was seen last. @throws RiptideError `deadline_exceeded` where that is not all */
  exit(): number;
}

export function createScreen(call: Call, config: Config, { asks, entries }: Watching): Screen {
  const { stdout, environment } = call.io;
  const redraws = stdout.isTty && asks.reporter === "text" && environment.lookup("TERM") !== "dumb";
  const seen = new Map<string, Checked>();
  /** Looked at since something was last printed. */
  const fresh = new Set<string>();
  let linesAbove = 0;
  let printed: Promise<void> = Promise.resolve();
  const report = (): HealthReport =>
    reportNow(
      call,
      entries.flatMap(({ id }) => seen.get(id)?.health ?? []),
      asks,
    );
  const draw = async (): Promise<void> => {
    const now = report();
    if (linesAbove > 0) await stdout.write(`\u001b[${linesAbove}A\u001b[J`);
    await printReport(call, now, asks.reporter);
    linesAbove = redraws ? now.providers.length + 1 : 0;
    await writeReports(now, asks, call.io);
  };
  return {
    async show(id, checked) {
      seen.set(id, checked);
      fresh.add(id);
      await keepProbes(call, config, checked.row ? [checked.row] : []);
      if (seen.size < entries.length || !(redraws || fresh.size === entries.length)) return;
      fresh.clear();
      // One after the other, or two tables would run into each other.
      printed = printed.then(draw);
      await printed;
    },
    exit() {
      if (seen.size === entries.length) return exitOf(report(), asks);
      throw new RiptideError("deadline_exceeded", "not every provider was looked at in time", {
        hint: "raise --timeout",
      });
    },
  };
}
