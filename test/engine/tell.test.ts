import { describe, expect, it } from "vitest";
import { asked, listening, type Tell } from "../../src/engine/tell.ts";

describe("news that are asked for", () => {
  it("come in their order, and the work goes on only when the next are asked for", async () => {
    const done: number[] = [];
    const news = asked<number>(async (tell) => {
      for (const n of [1, 2, 3]) {
        await tell([n]);
        done.push(n);
      }
    });
    expect((await news.next()).value).toEqual([1]);
    expect(done).toEqual([]);
    expect((await news.next()).value).toEqual([2]);
    expect(done).toEqual([1]);
    expect((await news.next()).value).toEqual([3]);
    expect((await news.next()).done).toBe(true);
    expect(done).toEqual([1, 2, 3]);
  });

  it("fail with the work", async () => {
    const news = asked<number>(async (tell) => {
      await tell([1]);
      throw new Error("broken");
    });
    await news.next();
    await expect(news.next()).rejects.toThrow("broken");
  });

  it("end the work when they are left, and wait for its end", async () => {
    const seen: unknown[] = [];
    const news = asked<number>(async (tell) => {
      try {
        await tell([1]);
      } catch (error) {
        seen.push(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
      seen.push("over");
    });
    for await (const _ of news) break;
    expect(seen).toEqual([expect.objectContaining({ code: "cancelled" }), "over"]);
  });
});

describe("a reader that gives up and never asks again", () => {
  it("holds nothing up, and finds what was told meanwhile when it asks after all", async () => {
    const caller = new AbortController();
    const done: number[] = [];
    const news = asked<number>(async (tell) => {
      for (const n of [1, 2, 3]) {
        await tell([n]);
        done.push(n);
      }
    }, caller.signal);
    await news.next();
    expect(done).toEqual([]);
    caller.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([1, 2, 3]);
    expect([(await news.next()).value, (await news.next()).value]).toEqual([[2], [3]]);
    expect((await news.next()).done).toBe(true);
  });
});

describe("a reader that fails", () => {
  const broken = new Error("the reader's own");
  const readers: readonly [string, Tell<number>][] = [
    [
      "at once",
      () => {
        throw broken;
      },
    ],
    ["later", () => Promise.reject(broken)],
  ];

  it.each(readers)("%s is gone, and is told nothing more", async (_when, reader) => {
    let told = 0;
    const { tell, gone } = listening<number>((news) => {
      told += 1;
      return reader(news);
    });
    const telling = async () => tell([1]);
    await expect(telling()).rejects.toMatchObject({ code: "cancelled", cause: broken });
    await expect(telling()).rejects.toMatchObject({ code: "cancelled", cause: broken });
    expect([told, gone()]).toEqual([1, { error: broken }]);
  });
});
