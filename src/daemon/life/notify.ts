/** Tells the service manager how the daemon stands (SD-3). */
export interface Notifier {
  ready(): void;
  reloading(): void;
  stopping(): void;
}

/** Runs the tool with these words; resolves when it has ended, however it did. */
export type RunTool = (words: readonly string[]) => Promise<void>;

/**
 * @param socket `NOTIFY_SOCKET`; undefined where nobody waits to be told.
 * @param monotonicUs CLOCK_MONOTONIC in microseconds, by which a reload is matched with its order (sd_notify(3)).
 */
export function createNotifier(
  socket: string | undefined,
  monotonicUs: () => bigint,
  run: RunTool = runTool,
): Notifier {
  // One after another: what is told last has to arrive last.
  let last: Promise<void> = Promise.resolve();
  const tell = (...words: readonly string[]): void => {
    if (socket !== undefined) last = last.then(() => run(words));
  };
  return {
    ready: () => tell("READY=1"),
    reloading: () => tell("RELOADING=1", `MONOTONIC_USEC=${monotonicUs()}`),
    stopping: () => tell("STOPPING=1"),
  };
}

/** Node has no datagrams over Unix sockets, so the tool that has them is asked. */
const runTool: RunTool = (words) =>
  new Promise((resolve) => {
    const { spawn } = process.getBuiltinModule("node:child_process");
    const tool = spawn("systemd-notify", words, { stdio: "ignore" });
    // Where there is no such tool nobody can be told.
    tool.once("error", () => resolve());
    tool.once("close", () => resolve());
  });
