import type { Clock } from "../../core/clock.ts";
import { ERRORS } from "../../core/errors.ts";

/** Code that gives control back so seldom is not going to. */
export const SILENCE_MS = 20_000;
const BEAT_MS = 500;

/** What runs beside the process: neither a timer nor a signal is heard where the one thread of a program is kept busy. */
const WATCH = `
  const { workerData: { beats, silenceMs, words } } = require("node:worker_threads");
  const { writeSync } = require("node:fs");
  for (;;) {
    const heard = Atomics.load(beats, 0);
    if (Atomics.wait(beats, 0, heard, silenceMs) !== "timed-out") continue;
    writeSync(2, words);
    process.kill(process.pid, "SIGKILL");
  }`;

/**
 * Kills this process when other people's code no longer gives control back, and says so on stderr.
 * @param words The line that says what it was.
 * @returns Ends the watch.
 */
export async function watchLoops(clock: Clock, words: string, silenceMs = SILENCE_MS): Promise<() => void> {
  const { Worker } = await import("node:worker_threads");
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(WATCH, { eval: true, execArgv: [], workerData: { beats, silenceMs, words } });
  worker.unref();
  let cancel = () => {};
  const beat = () => {
    Atomics.add(beats, 0, 1);
    Atomics.notify(beats, 0);
    cancel = clock.timer(BEAT_MS, beat);
  };
  beat();
  return () => {
    cancel();
    void worker.terminate();
  };
}

/**
 * Says so on stderr when other people's code ends this process, which would otherwise pass for a success.
 * @returns Ends the watch.
 */
export function watchExit(words: string): () => void {
  const onExit = () => {
    process.getBuiltinModule("node:fs").writeSync(2, words);
    process.exitCode = ERRORS.config_invalid.exit;
  };
  process.once("exit", onExit);
  return () => process.off("exit", onExit);
}
