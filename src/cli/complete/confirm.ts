import { RiptideError } from "../../core/errors.ts";
import { humanUsd } from "../../core/money.ts";
import { completionEntrance } from "../../engine/completion-entrance.ts";
import type { CompletionOperation } from "../../engine/operation.ts";
import { survey } from "../../engine/survey.ts";
import { worstOf } from "../../output/worst.ts";
import type { Call } from "../command.ts";
import { canAsk, openAsker } from "../question.ts";
import type { Session } from "../session.ts";
import { moneyOf } from "../values.ts";

/**
 * `--confirm-above`: asks on the terminal before a call that may cost more than that; `-y` has confirmed already.
 * @throws RiptideError `cost_not_confirmed` when nobody can be asked, or the answer is no.
 */
export async function confirmCost(
  call: Call,
  { engine }: Session,
  operation: CompletionOperation,
): Promise<void> {
  const limitNano = moneyOf(call.given, "confirm-above");
  if (limitNano === undefined || call.given.has("yes")) return;
  const entrance = completionEntrance(operation, engine.generation);
  const { candidates, offers } = await survey(operation, engine, entrance);
  const worst = worstOf(candidates, offers);
  const dearest = worst.reduce<number | null>(
    (most, { worstNano }) => (most === null || worstNano === null ? null : Math.max(most, worstNano)),
    0,
  );
  if (dearest !== null && dearest <= limitNano) return;
  const cost = dearest === null ? "an amount that is not known" : `up to ${humanUsd(dearest)}`;
  if (await asked(call, `this call may cost ${cost}; send it? [y/N] `)) return;
  throw new RiptideError("cost_not_confirmed", `the call may cost ${cost}; nothing was sent`, {
    reasons: [`--confirm-above ${humanUsd(limitNano)} was given`],
    hint: "riptide complete -y …   (confirms it)   or lower --max-tokens",
  });
}

/** False where there is nobody to ask, or who says nothing. @throws RiptideError `cancelled` */
async function asked(call: Call, question: string): Promise<boolean> {
  if (!canAsk(call)) return false;
  const asker = openAsker(call.io);
  try {
    return /^y(es)?$/i.test((await asker.ask(question)) ?? "");
  } finally {
    asker.close();
  }
}
