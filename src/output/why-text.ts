import { formatTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { humanUsd } from "../core/money.ts";
import type { Story, StoryAttempt } from "../store/stories.ts";
import { exitOf } from "./why.ts";
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
  if (strategy === "lowest-cost" && score !== undefined) return ` (up to ${humanUsd(score)})`;
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
      const after = reason === "held" && code !== undefined ? ` after ${code} (${meaningOf(code)})` : "";
      return `  ${target}: ${SKIPS[reason] ?? reason}${until}${after}`;
    }),
  ];
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
  if (ambiguous)
    lines.push("the request may have arrived there all the same, so it is charged as an estimate");
  if (holdUntilMs !== null) lines.push(`so it is left alone until ${formatTime(holdUntilMs)}`);
  return lines.map((line, index) =>
    index === 0 ? `  ${n}. ${at.padEnd(8)} ${line}` : `${" ".repeat(14)}${line}`,
  );
}

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
  const cost =
    attempt.usageSource === "none"
      ? ""
      : `; ${inputTokens} tokens in, ${outputTokens} out, ${costText(attempt)}`;
  if (outcome === "ok") {
    const first = ttftMs === null ? "" : `, first token after ${formatDuration(ttftMs)}`;
    return `answered in ${took}${first}${cost}`;
  }
  const answer = status === null ? "" : `, status ${status}`;
  return `${code ?? outcome} after ${took}: ${meaningOf(code)}${answer}${cost}`;
}

const costText = ({ priceVersion, costNano }: StoryAttempt) =>
  humanUsd(priceVersion === null ? null : costNano);

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
  const cost = unpriced === 0 ? humanUsd(costNano) : `${humanUsd(costNano)}, and what has no price`;
  return [`money:   ${reserved} was reserved, ${cost} was spent`];
}
