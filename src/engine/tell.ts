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
 */
export async function* asked<T>(work: (tell: Tell<T>) => Promise<void>): AsyncGenerator<readonly T[]> {
  let news = Promise.withResolvers<readonly T[] | undefined>();
  let next: PromiseWithResolvers<void> | undefined;
  let hasLeft = false;
  const tell: Tell<T> = (told) => {
    if (hasLeft) throw nobodyReadOn();
    next = Promise.withResolvers();
    news.resolve(told);
    return next.promise;
  };
  const done = work(tell).then(
    () => news.resolve(undefined),
    (error: unknown) => {
      if (!hasLeft) news.reject(error);
    },
  );
  try {
    for (let told = await news.promise; told; told = await news.promise) {
      yield told;
      news = Promise.withResolvers();
      next?.resolve();
    }
  } finally {
    hasLeft = true;
    next?.reject(nobodyReadOn());
    await done;
  }
}
