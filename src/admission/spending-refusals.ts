import type { BudgetRule } from "../core/budget.ts";
import { formatTime } from "../core/clock.ts";
import { type ErrorCode, RiptideError } from "../core/errors.ts";
import { humanUsd } from "../core/money.ts";
import { isRolling, spanOf } from "../core/period.ts";
import type { PassedOver, Refused } from "./decide.ts";
import { LEAST_OUTPUT_TOKENS, type Misfit, type Purse, type Standing } from "./spending.ts";

/** Why one target was passed over, in a line that begins with its name. */
export function unaffordable({ index, needNano, quote }: Misfit, purse: Purse): PassedOver {
  const [tightest] = purse.standings;
  const left =
    tightest && isBudget(purse)
      ? `${humanUsd(Math.max(0, tightest.roomNano))} is left of the ${budgetName(tightest.budget)}`
      : `the cap is ${humanUsd(purse.capNano ?? 0)}`;
  const message =
    needNano === null
      ? `no price is known, so it fits no ${purse.standings.length > 0 ? "budget" : "cap"}`
      : `${askText(quote.outputIsOpen, needNano)}, ${left}`;
  return { reason: "unaffordable", index, error: new RiptideError(codeFor(purse), message) };
}

/** The refusal of a request none of whose targets is affordable. */
export function refusedForMoney(misfits: readonly Misfit[], purse: Purse, nowMs: number): Refused {
  const cheapest = cheapestOf(misfits);
  if (!cheapest) return { ok: false, error: unpricedError(misfits, purse) };
  const [tightest, ...looser] = purse.standings;
  if (!tightest || !isBudget(purse)) return { ok: false, error: capError(cheapest, purse) };
  const error = budgetError(cheapest, [tightest, ...looser], nowMs);
  return { ok: false, error, degradeTo: tightest.budget.degradeTo ?? undefined };
}

interface Priced extends Misfit {
  readonly needNano: number;
}

const cheapestOf = (misfits: readonly Misfit[]): Priced | undefined =>
  misfits
    .flatMap((misfit) => (misfit.needNano === null ? [] : [{ ...misfit, needNano: misfit.needNano }]))
    .toSorted((a, b) => a.needNano - b.needNano)[0];

/** True where a budget, rather than the cap, is what is too small. */
const isBudget = ({ capNano, standings: [tightest] }: Purse): boolean =>
  tightest !== undefined && (capNano === undefined || tightest.roomNano < capNano);

const codeFor = (purse: Purse): ErrorCode => (isBudget(purse) ? "budget_exceeded" : "cost_cap_exceeded");

function budgetError(
  { quote, needNano }: Priced,
  [tightest, ...looser]: readonly [Standing, ...Standing[]],
  nowMs: number,
): RiptideError {
  const others = looser.filter(({ roomNano }) => roomNano < needNano);
  const { budget } = tightest;
  const who = budget.tenant === null ? "the installation" : `tenant ${budget.tenant}`;
  const reasons = [
    `${standingText(tightest)}, ${askText(quote.outputIsOpen, needNano)}; ${resetText(budget, nowMs)}`,
    ...others
      .slice(0, MORE_REASONS)
      .map(
        (other) =>
          `also ${budgetName(other.budget)}: ${standingText(other)}; ${resetText(other.budget, nowMs)}`,
      ),
  ];
  const remedy = quote.outputIsOpen ? "shorten the prompt" : "lower --max-tokens";
  const retryAfterMs = retryAfter([tightest, ...others], needNano, nowMs);
  return new RiptideError(
    "budget_exceeded",
    `${who} would exceed its ${periodText(budget)} budget; nothing was sent`,
    {
      reasons,
      hint: `${remedy}, or riptide budgets show ${budget.tenant ?? "--global"}`,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  );
}

/** An error is at most eight lines. */
const MORE_REASONS = 3;

/**
 * When all that is spent too much has left its periods. Nobody knows when running requests give back what they hold,
 * and a limit that is below the request's cost never has room for it.
 */
function retryAfter(blocking: readonly Standing[], needNano: number, nowMs: number): number | undefined {
  if (blocking.some(({ budget }) => needNano > budget.limitNano)) return undefined;
  const resets = blocking
    .filter(({ budget, spentNano }) => spentNano + needNano > budget.limitNano)
    .map(({ budget }) => spanOf(budget.period, nowMs).endMs);
  return resets.length > 0 ? Math.max(...resets) - nowMs : undefined;
}

function capError({ quote, needNano }: Priced, { capNano }: Purse): RiptideError {
  const { provider, model, outputIsOpen } = quote;
  const cheapest = `the cheapest is ${provider}/${model}`;
  return new RiptideError(
    "cost_cap_exceeded",
    "every target could cost more than the cap; nothing was sent",
    {
      reasons: [`cap ${humanUsd(capNano ?? 0)} a request; ${cheapest}, ${askText(outputIsOpen, needNano)}`],
      hint: `${outputIsOpen ? "shorten the prompt" : "lower --max-tokens"}, or raise --max-cost or max_cost_per_request`,
    },
  );
}

function unpricedError([first, ...others]: readonly Misfit[], { standings }: Purse): RiptideError {
  if (!first) throw new RiptideError("internal", "a request without a target asked for admission");
  const [code, limit] =
    standings.length > 0 ? (["budget_exceeded", "budget"] as const) : (["cost_cap_exceeded", "cap"] as const);
  const names = [first, ...others].map(({ quote }) => `${quote.provider}/${quote.model}`);
  const what =
    names.length === 1
      ? `${names[0]} has no price, so it fits no ${limit}`
      : `no target has a price, so none fits a ${limit}`;
  return new RiptideError(code, `${what}; nothing was sent`, {
    ...(names.length > 1 && { reasons: names.slice(0, MORE_REASONS).map((name) => `${name} has no price`) }),
    hint: `give it one under providers.${first.quote.provider}.prices, or set unpriced: allow in providers.yaml`,
  });
}

const standingText = ({ budget, spentNano, heldNano }: Standing): string =>
  `limit ${humanUsd(budget.limitNano)}, spent ${humanUsd(spentNano)}, reserved ${humanUsd(heldNano)}`;

/** What was asked: a limited answer costs so much at most, one without a limit so much with the shortest worth sending. */
const askText = (outputIsOpen: boolean, needNano: number): string =>
  outputIsOpen
    ? `this request ${humanUsd(needNano)} with ${LEAST_OUTPUT_TOKENS} tokens of answer`
    : `this request up to ${humanUsd(needNano)}`;

const periodText = ({ period }: BudgetRule): string =>
  isRolling(period) ? `${period.slice(0, -1)}-day` : period;

const budgetName = (budget: BudgetRule): string =>
  `${periodText(budget)} budget of ${budget.tenant === null ? "the installation" : `tenant ${budget.tenant}`}`;

function resetText({ period }: BudgetRule, nowMs: number): string {
  const at = formatTime(spanOf(period, nowMs).endMs).replace(".000Z", "Z");
  return isRolling(period) ? `its oldest day drops out ${at}` : `resets ${at}`;
}
