import { describe, expect, it } from "vitest";
import { createChunkQueue } from "../../src/wire/chunk-queue.ts";

function stage() {
  const told: string[] = [];
  const note = (what: string) => () => void told.push(what);
  const queue = createChunkQueue({ pause: note("pause"), resume: note("resume") }, note("read"));
  return { queue, told, chunks: queue.chunks[Symbol.asyncIterator]() };
}
const bytes = (length: number) => new Uint8Array(length);

describe("bytes between a connection and its reader", () => {
  it("come in order, whether they were waited for or not, and then the end", async () => {
    const { queue, told, chunks } = stage();
    queue.push(bytes(1));
    const waiting = [chunks.next(), chunks.next()];
    queue.push(bytes(2));
    queue.end();
    const found = await Promise.all(waiting);
    expect(found.map(({ value }) => value?.length)).toEqual([1, 2]);
    expect(told).toEqual([]);
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
    expect(told).toEqual(["read"]);
  });

  it("hold the sender back beyond 64 KiB, until the reader has caught up", async () => {
    const { queue, told, chunks } = stage();
    for (let count = 0; count < 3; count += 1) queue.push(bytes(32 * 1024));
    expect(told).toEqual(["pause"]);
    await chunks.next();
    expect(told).toEqual(["pause", "resume"]);
  });

  it("fail after what came before the failure", async () => {
    const { queue, chunks } = stage();
    queue.push(bytes(1));
    queue.fail(new Error("reset"));
    expect((await chunks.next()).done).toBe(false);
    await expect(chunks.next()).rejects.toThrow("reset");
  });
});

describe("a reader that leaves", () => {
  const left = () => {
    const staged = stage();
    const gone: boolean[] = [];
    return { ...staged, gone, leave: () => staged.queue.leave((isWhole) => gone.push(isWhole)) };
  };

  it("frees the connection when the rest has come", () => {
    const { queue, told, gone, leave } = left();
    queue.push(bytes(10));
    leave();
    queue.push(bytes(10));
    expect(gone).toEqual([]);
    queue.end();
    expect([gone, told]).toEqual([[true], ["read"]]);
  });

  it("frees it at once when all had come, and lets a sender go on that was held back", () => {
    const ended = left();
    ended.queue.end();
    ended.leave();
    expect(ended.gone).toEqual([true]);
    const held = left();
    held.queue.push(bytes(100 * 1024));
    held.leave();
    expect(held.told).toEqual(["pause", "resume"]);
  });

  it("gives the connection up when the end is far off, or it breaks", () => {
    const far = left();
    far.leave();
    far.queue.push(bytes(65 * 1024));
    far.queue.end();
    expect([far.gone, far.told]).toEqual([[false], []]);
    const broken = left();
    broken.leave();
    broken.queue.fail(new Error("reset"));
    expect([broken.gone, broken.told]).toEqual([[false], []]);
  });
});
