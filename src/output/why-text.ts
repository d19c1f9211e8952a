import { formatTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { humanUsd } from "../core/money.ts";
import type { Story, StoryAttempt } from "../store/stories.ts";
import { exitOf, isUnpriced } from "./why.ts";
import { meaningOf, ORDERS, SKIPS } from "./why-words.ts";

/** The story of one request for somebody who was not there. */
export function whyText(story: Story): string {
  const parts = [asked(story), ordered(story), passedOver(story), happened(story), ended(story), paid(story)];
  return `${parts.flat().join("\n")}\n`;
}

function asked({ operation }: Story): readonly string[] {
  const { id, tenant, requestedModel, alias, via, stream, configRevision } = operation;
  const what =
    operation.class === "embedding" ? "an embedding" : stream === 1 ? "a streamed answer" : "an answer";
  const which =
    alias !== null && alias !== requestedModel
      ? `${requestedModel}, answered by alias ${alias}`
      : requestedModel;
  return [
    `request ${id}`,
    `asked:   ${formatTime(operation.startedMs)}, ${what} of ${which}, for tenant ${tenant}, ${via === "daemon" ? "through the daemon" : "in process"} (config ${configRevision})`,
  ];
}

function ordered({ operation: { strategy }, decision }: Story): readonly string[] {
  if (!decision || decision.order.length === 0) return [];
  const { order, scores, turn } = decision;
  const targets = order.map(
    (target, index) => `${index + 1} ${target}${scoreText(strategy, scores?.[index])}`,
  );
  const round = turn === undefined ? "" : `, turn ${turn}`;
  return [`order:   ${targets.join(", ")}   (${strategy}: ${ORDERS[strategy] ?? strategy}${round})`];
}

/** What a target was ranked by, where that says more than its place. */
function scoreText(strategy: string, score: number | null | undefined): string {
  if (strategy === "lowest-cost" && score !== undefined)
    return score === null ? " (no price is known)" : ` (up to ${humanUsd(score)})`;
  if (strategy === "fastest-first" && typeof score === "number")
    return ` (first token after ${formatDuration(score)})`;
  return "";
}

function passedOver({ decision }: Story): readonly string[] {
  const skipped = decision?.skipped ?? [];
  if (skipped.length === 0) return [];
  return [
    "passed over:",
    ...skipped.map(({ target, reason, code, untilMs }) => {
      const until = untilMs === undefined ? "" : ` until ${formatTime(untilMs)}`;
      return `  ${target}: ${SKIPS[reason] ?? reason}${until}${causeText(reason, code)}`;
    }),
  ];
}

/** What led to it, where the reason does not say so itself. */
function causeText(reason: string, code: string | undefined): string {
  if (code === undefined) return "";
  if (reason === "held") return ` after ${code} (${meaningOf(code)})`;
  return reason === "misconfigured" ? `: ${meaningOf(code)}` : "";
}

function happened(story: Story): readonly string[] {
  const { attempts } = story;
  if (attempts.length === 0)
    return story.operation.state === "held" ? ["it is running"] : ["nobody was asked"];
  return ["what happened:", ...attempts.flatMap((attempt) => attemptLines(attempt, story))];
}

function attemptLines(attempt: StoryAttempt, story: Story): readonly string[] {
  const { n, provider, model, startedMs, endedMs, holdUntilMs, trial, ambiguous } = attempt;
  const at = `+${formatDuration(Math.max(0, startedMs - story.operation.startedMs))}`;
  const took = formatDuration(Math.max(0, endedMs - startedMs));
  const lines = [`${kindText(attempt, story)} ${provider}/${model}: ${outcomeText(attempt, took)}`];
  if (trial) lines.push("this was one of the few trials that its circuit let through");
  if (ambiguous && attempt.outcome !== null) lines.push(ambiguousText(attempt));
  if (holdUntilMs !== null) lines.push(`so it is left alone until ${formatTime(holdUntilMs)}`);
  return lines.map((line, index) =>
    index === 0 ? `  ${n}. ${at.padEnd(8)} ${line}` : `${" ".repeat(14)}${line}`,
  );
}

/** What is known of a request whose answer never came to its end (AT-8). */
const ambiguousText = ({ ttftMs }: StoryAttempt): string =>
  ttftMs === null
    ? "the request may have arrived there all the same, so it is charged as an estimate"
    : "what it would have been billed is not known, so it is charged by what had come";

function kindText({ n, kind }: StoryAttempt, { decision }: Story): string {
  const mode = decision?.failovers?.find((each) => each.mode !== "before_output");
  if (kind === "repair") return "asked again";
  if (kind === "probe") return "looked at";
  if (kind === "continue") {
    return mode?.mode === "splice" ? "started over, to go on after what was delivered, at" : "carried on by";
  }
  return n === 1 ? "asked" : "then";
}

function outcomeText(attempt: StoryAttempt, took: string): string {
  const { outcome, code, status, ttftMs, inputTokens, outputTokens } = attempt;
  if (outcome === null) return "how it went is not known";
  const cost =
    attempt.usageSource === "none"
      ? ""
      : `; ${inputTokens} tokens in, ${outputTokens} out, ${costText(attempt)}`;
  if (outcome === "ok") {
    const first = ttftMs === null ? "" : `, first token after ${formatDuration(ttftMs)}`;
    return `answered in ${took}${first}${cost}`;
  }
  const answer = status === null ? "" : `, status ${status}`;
  // A continuation is refused for what it says, not for what the model can do (SR-4).
  const differs = attempt.kind === "continue" && code === "unsupported";
  const meaning = differs ? "its answer did not begin with the text that was delivered" : meaningOf(code);
  return `${code ?? outcome} after ${took}: ${meaning}${answer}${cost}`;
}

const costText = (attempt: StoryAttempt) => humanUsd(isUnpriced(attempt) ? null : attempt.costNano);

function ended(story: Story): readonly string[] {
  const { outcome, code, startedMs, endedMs, state } = story.operation;
  if (state === "held") return [];
  if (state === "unreconciled") return ["ended:   its process died, so nobody knows how"];
  const took = endedMs === null ? "" : ` after ${formatDuration(Math.max(0, endedMs - startedMs))}`;
  if (outcome === "ok") return [`ended:   answered${took}, exit 0`];
  return [`ended:   ${code ?? outcome}${took}: ${meaningOf(code)}; exit ${exitOf(story)}`];
}

function paid({ operation, heldNano }: Story): readonly string[] {
  const { state, reservedNano, costNano, unpriced } = operation;
  const reserved = humanUsd(reservedNano);
  if (state === "held") return [`money:   ${humanUsd(heldNano)} is reserved`];
  if (state === "unreconciled")
    return [`money:   ${reserved} was reserved and is booked until it is known better`];
  const besides = unpriced === 0 ? "" : ", besides what has no known price";
  return [`money:   ${reserved} was reserved, ${humanUsd(costNano)} was spent${besides}`];
}
