import { describe, expect, it } from "vitest";
import { createGenerations, type Replacement } from "../../src/daemon/generations.ts";

/** A generation of which only its name matters, and what happened to it. */
function named(name: string) {
  const events: string[] = [];
  const replacement: Replacement = {
    // Generations are handed around, never looked into.
    generation: { name } as unknown as Replacement["generation"],
    loadedMs: 1,
    retire: () => void events.push("retired"),
    close: async () => void events.push("closed"),
  };
  return { replacement, events };
}

describe("generations (HR-5)", () => {
  it("give a request one generation from its beginning to its end, and the next request the next", () => {
    const [one, two] = [named("one"), named("two")];
    const generations = createGenerations(one.replacement);
    const old = generations.enter();
    expect(generations.swap(two.replacement).number).toBe(2);
    expect([old.number, old.generation]).toEqual([1, one.replacement.generation]);
    expect(generations.enter()).toMatchObject({ number: 2, generation: two.replacement.generation });
    expect(generations.current().number).toBe(2);
  });

  it("close an old one when its last request ends, and the present one never", () => {
    const [one, two] = [named("one"), named("two")];
    const generations = createGenerations(one.replacement);
    const [first, second] = [generations.enter(), generations.enter()];
    first.release();
    generations.swap(two.replacement);
    expect(one.events).toEqual(["retired"]);
    second.release();
    expect(one.events).toEqual(["retired", "closed"]);
    generations.enter().release();
    expect(two.events).toEqual([]);
  });

  it("close one at once that nobody works on", () => {
    const one = named("one");
    const generations = createGenerations(one.replacement);
    generations.enter().release();
    generations.swap(named("two").replacement);
    expect(one.events).toEqual(["retired", "closed"]);
  });

  it("count a request's end once, however often it is told of", () => {
    const one = named("one");
    const generations = createGenerations(one.replacement);
    const [first, second] = [generations.enter(), generations.enter()];
    generations.swap(named("two").replacement);
    first.release();
    first.release();
    expect(one.events).toEqual(["retired"]);
    second.release();
    expect(one.events).toEqual(["retired", "closed"]);
  });
});
