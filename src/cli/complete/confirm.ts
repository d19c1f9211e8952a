import { RiptideError } from "../../core/errors.ts";
import { humanUsd } from "../../core/money.ts";
import { completionEntrance } from "../../engine/completion-entrance.ts";
import type { CompletionOperation } from "../../engine/operation.ts";
import { survey } from "../../engine/survey.ts";
import { worstOf } from "../../output/worst.ts";
import type { Call } from "../command.ts";
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

/** One line from the terminal; false where there is none to ask on, or it ends. @throws RiptideError `cancelled` */
async function asked({ io, given }: Call, question: string): Promise<boolean> {
  const { stdin, stderr, environment } = io;
  if (!stdin.isTTY || !stderr.isTty || given.has("no-input") || environment.flags.noInput) return false;
  const { createInterface } = process.getBuiltinModule("node:readline/promises");
  const terminal = createInterface({ input: stdin, output: process.stderr, terminal: true });
  const left = new AbortController();
  let interrupted = false;
  // The terminal is in raw mode, so Ctrl-C is a key and no signal.
  terminal.on("SIGINT", () => {
    interrupted = true;
    left.abort();
  });
  terminal.on("close", () => left.abort());
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: left.signal })).trim());
  } catch (error) {
    if (!left.signal.aborted) throw error;
    await stderr.write("\n");
    if (interrupted) throw new RiptideError("cancelled", "interrupted by SIGINT", { exit: 130 });
    return false;
  } finally {
    terminal.close();
  }
}
