import type { Clock } from "../../core/clock.ts";
import { RiptideError } from "../../core/errors.ts";
import type { ScriptStep } from "./script.ts";

/** A body before delivery: one JSON text, or the lines of a stream, a token each between the first and the last. */
export type MockBody =
  | { readonly kind: "whole"; readonly text: string }
  | { readonly kind: "stream"; readonly lines: readonly string[] };

export const failureText = (status: number) =>
  JSON.stringify({ error: { status, message: `the script says ${status}` } });

interface Pace {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Between two tokens. */
  readonly intervalMs: number;
}

/** What is sent of a body, and what becomes of the connection then. */
interface Plan {
  readonly pieces: readonly string[];
  readonly ending: "end" | "cut" | "stall";
}

/** Sends a body the way the script says: token by token, cut, silent, broken or whole. */
export async function* deliver(
  body: MockBody,
  step: ScriptStep,
  { clock, signal, intervalMs }: Pace,
): AsyncGenerator<Uint8Array> {
  const { pieces, ending } =
    body.kind === "whole" ? wholePlan(body.text, step) : streamPlan(body.lines, step);
  const encoder = new TextEncoder();
  for (const [index, piece] of pieces.entries()) {
    // The first line and the first token come at once: their wait is the latency.
    await pause(clock, index < 2 ? 0 : intervalMs, signal);
    yield encoder.encode(piece);
  }
  if (ending === "cut")
    throw new RiptideError("protocol_error", "the connection was cut", { action: "repair", phase: "body" });
  if (ending === "stall") await silence(signal);
}

function wholePlan(text: string, step: ScriptStep): Plan {
  if (step.kind === "error") return { pieces: [failureText(500)], ending: "end" };
  const half = text.slice(0, text.length / 2);
  if (step.kind === "malformed") return { pieces: [half], ending: "end" };
  return step.kind === "cut" || step.kind === "stall"
    ? { pieces: [half], ending: step.kind }
    : { pieces: [text], ending: "end" };
}

function streamPlan(lines: readonly string[], step: ScriptStep): Plan {
  const sent = lines.map((line) => `${line}\n`);
  if (step.kind === "malformed") {
    const broken = lines[1] ?? "";
    return { pieces: [...sent.slice(0, 1), `${broken.slice(0, broken.length / 2)}\n`], ending: "end" };
  }
  if (!("afterTokens" in step)) return { pieces: sent, ending: "end" };
  const kept = sent.slice(0, Math.min(step.afterTokens + 1, sent.length - 1));
  return step.kind === "error"
    ? { pieces: [...kept, `${failureText(500)}\n`], ending: "end" }
    : { pieces: kept, ending: step.kind };
}

/** Waits, or rejects with the signal's reason. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (ms > 0) await clock.sleep(ms, signal);
}

/** Never resolves; rejects with the signal's reason. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
