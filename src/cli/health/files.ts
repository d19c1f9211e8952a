import { appendFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { RiptideError } from "../../core/errors.ts";
import type { HealthReport } from "../../health/report.ts";
import { healthText } from "../../output/health.ts";
import { markdownText } from "../../output/health-markdown.ts";
import type { Io } from "../io.ts";
import { writeWhole } from "../whole-file.ts";
import type { HealthAsks, ReportFile } from "./asks.ts";

/** Says what is wrong with the places of reports before anything is asked. @throws RiptideError `usage` */
export async function checkPlaces(files: readonly ReportFile[], { cwd }: Io): Promise<void> {
  for (const { path } of files) {
    const target = resolve(cwd, path);
    const folder = await stat(dirname(target)).catch(() => undefined);
    if (!folder?.isDirectory()) {
      throw new RiptideError("usage", `--report: there is no directory for ${path}`, {
        hint: `mkdir -p ${dirname(path)}`,
      });
    }
    const there = await stat(target).catch(() => undefined);
    if (there?.isDirectory()) throw new RiptideError("usage", `--report: ${path} is a directory`);
  }
}

/**
 * Writes the reports that were asked for; each appears whole under its name.
 * @throws RiptideError `write_failed`
 */
export async function writeReports(report: HealthReport, { files }: HealthAsks, io: Io): Promise<void> {
  for (const { reporter, path } of files) await writeWhole(path, await healthText(report, reporter), io);
}

/** GitHub Actions shows what is appended to this file on the page of the run. */
export async function appendSummary(report: HealthReport, io: Io): Promise<void> {
  const path = io.environment.lookup("GITHUB_STEP_SUMMARY");
  if (path === undefined) return;
  try {
    await appendFile(resolve(io.cwd, path), io.redactor.redact(markdownText(report)));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    await io.stderr.write(`warning: GITHUB_STEP_SUMMARY cannot be written: ${said}\n`);
  }
}
