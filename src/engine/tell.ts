import { RiptideError } from "../core/errors.ts";

/**
 * Hands over what came together. The sender goes on when the promise it may give resolves: the reader's pace.
 * What it throws ends the work, as nobody reads on.
 */
export type Tell<T> = (news: readonly T[]) => Promise<void> | undefined;

export const nobodyReadOn = (cause?: unknown): RiptideError =>
  new RiptideError("cancelled", "nobody read on", { cause });

/** A reader whose failure is known for what it is: no fault of whoever the news come from. */
export function listening<T>(reader: Tell<T>): {
  readonly tell: Tell<T>;
  gone(): { error: unknown } | undefined;
} {
  let gone: { error: unknown } | undefined;
  const leave = (error: unknown): never => {
    gone ??= { error };
    throw nobodyReadOn(error);
  };
  return {
    tell(news) {
      if (gone) return leave(gone.error);
      try {
        return reader(news)?.catch(leave);
      } catch (error) {
        return leave(error);
      }
    },
    gone: () => gone,
  };
}

/**
 * What `work` tells, for a reader that asks for it. Nothing is done ahead of the reader: the work goes on when the next
 * news is asked for, and is over when the iteration is, also where that is left early.
 * @param signal Aborted when the reader gives up. Its pace then counts no longer: it may never ask again, and the work
 *   has to come to its end all the same.
 */
export async function* asked<T>(
  work: (tell: Tell<T>) => Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<readonly T[]> {
  const box = createBox<T>(signal);
  const done = work(box.tell).then(
    () => box.end({}),
    (error: unknown) => box.end({ error }),
  );
  signal?.addEventListener("abort", box.goOn, { once: true });
  try {
    for (let told = await box.read(); told; told = await box.read()) {
      yield told;
      box.goOn();
    }
  } finally {
    signal?.removeEventListener("abort", box.goOn);
    box.leave();
    await done;
  }
}

/** News between the work, which goes on when they were read, and their reader. */
function createBox<T>(signal: AbortSignal | undefined) {
  const untold: (readonly T[])[] = [];
  let wake = Promise.withResolvers<void>();
  let next: PromiseWithResolvers<void> | undefined;
  let hasLeft = false;
  let over: { readonly error?: unknown } | undefined;
  return {
    tell(told: readonly T[]): Promise<void> | undefined {
      if (hasLeft) throw nobodyReadOn();
      untold.push(told);
      wake.resolve();
      if (signal?.aborted) return undefined;
      next = Promise.withResolvers();
      return next.promise;
    },
    /** Undefined once the work is over. @throws what the work has thrown */
    async read(): Promise<readonly T[] | undefined> {
      while (untold.length === 0 && !over) {
        await wake.promise;
        wake = Promise.withResolvers();
      }
      if (untold.length === 0 && over && "error" in over) throw over.error;
      return untold.shift();
    },
    goOn: () => next?.resolve(),
    end(how: { readonly error?: unknown }) {
      over = how;
      wake.resolve();
    },
    leave() {
      hasLeft = true;
      next?.reject(nobodyReadOn());
    },
  };
}
