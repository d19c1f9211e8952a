import { unreachable } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { HealthReport } from "../health/report.ts";
import { githubText } from "./health-github.ts";
import { junitText } from "./health-junit.ts";
import { markdownText } from "./health-markdown.ts";
import { prometheusText } from "./health-prometheus.ts";
import { HEALTH_COLUMNS, healthRows } from "./health-table.ts";
import { documentText, toSnake } from "./json.ts";
import { renderTable } from "./table.ts";

export const REPORTERS = ["text", "json", "junit", "github", "markdown", "prometheus"] as const;
export type Reporter = (typeof REPORTERS)[number];

/** `riptide.health/1` */
export const healthDocument = (report: HealthReport): JsonObject =>
  toSnake({ schema: "riptide.health/1", ...report }) as JsonObject; // An object's document is an object.

/** A report for a file or a program: whole, without colour. */
export async function healthText(report: HealthReport, reporter: Reporter): Promise<string> {
  switch (reporter) {
    case "text":
      return renderTable(HEALTH_COLUMNS, healthRows(report), { color: false, ascii: false });
    case "json":
      return documentText(healthDocument(report));
    case "junit":
      return junitText(report);
    case "github":
      return githubText(report);
    case "markdown":
      return markdownText(report);
    case "prometheus":
      return prometheusText(report);
    default:
      return unreachable(reporter);
  }
}
