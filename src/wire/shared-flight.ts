/** One piece of work that several callers wait for. Each leaves by its own signal; the last one ends the work. */
export interface SharedFlight<T> {
  join(signal: AbortSignal): Promise<T>;
  /** False once it has ended, or everyone has left it. */
  isOpen(): boolean;
}

export function sharedFlight<T>(work: (signal: AbortSignal) => Promise<T>): SharedFlight<T> {
  const controller = new AbortController();
  let isOpen = true;
  let waiting = 0;
  const result = work(controller.signal).finally(() => {
    isOpen = false;
  });
  return {
    isOpen: () => isOpen,
    join: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        waiting += 1;
        const leave = () => {
          waiting -= 1;
          signal.removeEventListener("abort", stop);
        };
        const stop = () => {
          leave();
          if (waiting === 0) {
            isOpen = false;
            controller.abort(signal.reason);
          }
          reject(signal.reason);
        };
        signal.addEventListener("abort", stop, { once: true });
        result.finally(leave).then(resolve, reject);
      }),
  };
}
