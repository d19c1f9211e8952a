import { RiptideError } from "../../core/errors.ts";
import type { Daemon } from "../context.ts";
import { redacted } from "../requests/failed.ts";
import { controlBody, type Handler } from "./control-route.ts";
import { booleanMember, millisecondsMember, refuseOthers } from "./members.ts";
import { statusNow } from "./status.ts";

/** `POST /riptide/v1/reload` `{dry_run?}`: answers with the verdict; a refusal is an error that says where and why. */
export const reload: Handler = async (exchange, control) => {
  const body = await controlBody(exchange);
  refuseOthers(body, ["dry_run"]);
  const verdict = await control.reloader.reload("control", { dryRun: booleanMember(body, "dry_run") });
  if (verdict.result === "refused") throw redacted(verdict.error, control.daemon);
  const { result, dryRun, revision, generation } = verdict;
  const warnings = verdict.result === "reloaded" ? verdict.warnings : [];
  const told = { result, dry_run: dryRun, revision, generation, warnings };
  return { document: { ...(await statusNow(control)), ...told } };
};

const DEFAULT_DRAIN_MS = 30_000;

/**
 * `POST /riptide/v1/drain` `{wait_ms?, cancel?}`: takes no more work and answers when the rest has ended.
 * @throws RiptideError `deadline_exceeded` where it has not
 */
export const drain: Handler = async (exchange, control) => {
  const { daemon, watching } = control;
  const body = await controlBody(exchange);
  refuseOthers(body, ["wait_ms", "cancel"]);
  const waitMs = millisecondsMember(body, "wait_ms") ?? DEFAULT_DRAIN_MS;
  const wantsCancel = booleanMember(body, "cancel");
  if (!daemon.gate.isDraining()) watching.lifecycle("draining");
  const drained = daemon.gate.drain();
  if (wantsCancel) control.cancelRunning(new RiptideError("shutting_down", "the daemon is being drained"));
  if (await endsWithin(drained, waitMs, { clock: daemon.clock, signal: exchange.signal })) {
    return { document: { ...(await statusNow(control)), result: "drained" } };
  }
  throw new RiptideError(
    "deadline_exceeded",
    `${daemon.gate.inFlight()} requests are still running after ${Math.round(waitMs)} ms; no more are taken`,
    { hint: "riptide daemon drain --cancel" },
  );
};

/** `POST /riptide/v1/shutdown` `{grace_ms?, force?}`: answers that the end has begun. */
export const shutdown: Handler = async (exchange, control) => {
  const body = await controlBody(exchange);
  refuseOthers(body, ["grace_ms", "force"]);
  const graceMs = millisecondsMember(body, "grace_ms");
  const force = booleanMember(body, "force");
  const document = { ...(await statusNow(control)), state: "draining", result: "stopping" };
  control.watching.lifecycle("stopping");
  return { document, after: () => control.stop({ graceMs, force }) };
};

/** Whether it has ended in time; a caller that goes away waits no more. */
function endsWithin(
  ending: Promise<void>,
  ms: number,
  { clock, signal }: Pick<Daemon, "clock"> & { readonly signal: AbortSignal },
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.timer(ms, () => resolve(false));
    signal.addEventListener("abort", () => resolve(false), { once: true });
    void ending.then(() => {
      cancel();
      resolve(true);
    });
  });
}
