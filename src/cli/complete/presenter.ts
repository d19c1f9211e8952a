import { RiptideError } from "../../core/errors.ts";
import { filteredError } from "../../engine/answer-check.ts";
import { costOfAttempts } from "../../engine/cost.ts";
import type { CompletionResult, PipelineEvent } from "../../engine/events.ts";
import { skipText } from "../../engine/final-error.ts";
import { alertText } from "../../output/alert.ts";
import { type CallFacts, costText, trailDocument } from "../../output/completion.ts";
import { oneLine } from "../../output/sanitise.ts";
import type { Call } from "../command.ts";
import { reportError } from "../report.ts";

/** Prints the events of one completion and resolves to the exit code. */
export type Presenter = (events: AsyncIterable<PipelineEvent>) => Promise<number>;

/** What a presenter tells besides the events; whole with the last of them. */
export interface Around {
  facts(): CallFacts;
  /** Thresholds of budgets that were crossed, in the words of whoever booked it elsewhere. */
  alerts(): readonly string[];
}

/** Why an answer that arrived whole is still a failure for this caller; undefined when it is none. */
export function shortfall({ given }: Call, { finish }: CompletionResult): RiptideError | undefined {
  if (finish === "content_filter") return filteredError();
  if (finish === "budget") {
    return new RiptideError("budget_exceeded", "the answer was ended: no budget or cap pays for more of it", {
      hint: "raise the budget or --max-cost, or ask for less with --max-tokens",
    });
  }
  if (finish === "length" && given.has("require-complete")) {
    return new RiptideError("incomplete", "the answer was cut by its output limit");
  }
  return undefined;
}

/** Says on stderr why a document on stdout is marked as failed, and resolves to the exit code. */
export async function tellShortfall({ io }: Call, error: RiptideError | undefined): Promise<number> {
  if (!error) return 0;
  const { errorLine } = await import("../../output/error-text.ts");
  await io.stderr.write(`${errorLine(error)}\n`);
  return error.exit;
}

/** Reports how a completion failed, with what came of it. */
export async function fail(call: Call, event: Failed, around: Around): Promise<number> {
  const { io, format, given } = call;
  await warn(call, { ...event, skipped: [] }, around);
  const { id, error, partialText } = event;
  const config = given.value("config");
  const spent = costOfAttempts(event.attempts);
  const operation = {
    ...{ command: "complete", config, id, partialText },
    ...(spent.nano > 0 && { spent: costText(event.attempts) }),
    ...trailDocument(event),
  };
  return reportError(io, error, { format, debug: given.has("debug"), operation });
}

/** Tells which thresholds of budgets were crossed. */
async function tellAlerts({ io, given }: Call, alerts: readonly string[]): Promise<void> {
  if (given.has("quiet")) return;
  for (const alert of alerts) await io.stderr.write(`warning: ${alert}\n`);
}

export type Failed = Extract<PipelineEvent, { type: "error" }>;

/** Warnings of an answer or a plan, for stderr; what tells of trouble on the way is for `-v`. */
export async function warn(
  call: Call,
  {
    skipped,
    warnings,
    alerts = [],
  }: Pick<CompletionResult, "skipped" | "warnings"> & Partial<Pick<CompletionResult, "alerts">>,
  around?: Pick<Around, "alerts">,
): Promise<void> {
  const { io, given } = call;
  await tellAlerts(call, [...alerts.map(alertText), ...(around?.alerts() ?? [])]);
  if (given.has("quiet")) return;
  for (const skip of skipped) {
    if (skip.reason === "misconfigured") {
      await io.stderr.write(`note: provider ${skip.provider} was skipped: ${oneLine(skip.error.message)}\n`);
    } else if (given.has("verbose")) await io.stderr.write(`note: ${oneLine(skipText(skip))}\n`);
  }
  for (const warning of warnings) await io.stderr.write(`warning: ${oneLine(warning)}\n`);
}
