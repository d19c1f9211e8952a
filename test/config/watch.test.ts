import { describe, expect, it } from "vitest";
import { type Told, watchConfig } from "../../src/config/watch.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

/** A watched file that is nowhere: its state is a word, and hints come when the test gives them. */
async function stage({ seen, fails }: { seen?: string; fails?: Error } = {}) {
  const clock = virtualClock();
  const triggers: number[] = [];
  const warnings: string[] = [];
  const file = { now: "a", looks: 0 };
  let told: Told | undefined;
  let closed = 0;
  const watch = watchConfig(
    {
      path: "/etc/p.yaml",
      seen,
      clock,
      onTrigger: () => void triggers.push(clock.now()),
      onWarning: (line) => void warnings.push(line),
    },
    {
      async hints(_path, given) {
        if (fails) throw fails;
        told = given;
        return {
          async close() {
            closed += 1;
          },
        };
      },
      async look() {
        file.looks += 1;
        return file.now;
      },
    },
  );
  await clock.advance(0);
  const closes = () => closed;
  return { clock, triggers, warnings, file, watch, closes, told: () => told as Told };
}

describe("a watched configuration (HR-1)", () => {
  it("tells of a hint once it has been quiet for 100 ms", async () => {
    const { clock, triggers, told } = await stage();
    told().onHint();
    await clock.advance(99);
    expect(triggers).toEqual([]);
    told().onHint();
    await clock.advance(1_000);
    expect(triggers).toEqual([199]);
  });

  it("tells at the latest 500 ms after the first hint, and then again of what followed", async () => {
    const { clock, triggers, told } = await stage();
    for (let ms = 0; ms < 1_100; ms += 2) {
      told().onHint();
      await clock.advance(2);
    }
    await clock.advance(1_000);
    expect(triggers).toEqual([500, 1_000, 1_198]);
  });

  it("sees by its poll what gave no hint, within 2.1 s, once", async () => {
    const { clock, triggers, file } = await stage();
    await clock.advance(100);
    file.now = "b";
    await clock.advance(20_000);
    expect(triggers).toEqual([2_100]);
  });

  it("looks each 500 ms for 10 s after a change, for what gives no hint then, and each 2 s again", async () => {
    const { clock, triggers, file, told } = await stage();
    await clock.advance(50);
    told().onHint();
    await clock.advance(200);
    file.now = "b";
    await clock.advance(1_000);
    expect(triggers).toEqual([150, 750]);
    await clock.advance(20_000);
    const { looks } = file;
    await clock.advance(20_000);
    expect(file.looks - looks).toBe(10);
  });

  it("says nothing for a poll that finds what a hint told of", async () => {
    const { clock, triggers, file, told } = await stage();
    file.now = "b";
    told().onHint();
    await clock.advance(20_000);
    expect(triggers).toEqual([100]);
  });

  it("tells of what changed between the load and the watch", async () => {
    const { clock, triggers } = await stage({ seen: "what was loaded" });
    await clock.advance(10_000);
    expect(triggers).toEqual([100]);
    const same = await stage({ seen: "a" });
    await same.clock.advance(10_000);
    expect(same.triggers).toEqual([]);
  });

  it("looks once more when hints begin, and is still when nothing happened before", async () => {
    const { clock, triggers, file, told } = await stage();
    told().onReady();
    await clock.advance(1_000);
    expect(triggers).toEqual([]);
    file.now = "b";
    told().onReady();
    await clock.advance(500);
    expect(triggers).toEqual([1_100]);
  });

  it("warns once when hints fail, and finds the next save by its poll", async () => {
    const { clock, triggers, warnings, file, told } = await stage();
    told().onError(Object.assign(new Error("no space left"), { code: "ENOSPC" }));
    told().onError(Object.assign(new Error("too many"), { code: "EMFILE" }));
    expect(warnings).toEqual([
      "the configuration cannot be watched (ENOSPC); it is looked at every 2 s instead",
    ]);
    file.now = "b";
    await clock.advance(2_100);
    expect(triggers).toEqual([2_100]);
  });

  it("goes on without hints where they cannot even begin", async () => {
    const { clock, triggers, warnings, file, watch } = await stage({
      fails: Object.assign(new Error("limit"), { code: "EMFILE" }),
    });
    expect(warnings).toHaveLength(1);
    file.now = "b";
    await clock.advance(2_100);
    expect(triggers).toEqual([2_100]);
    await watch.close();
  });

  it("is silent and holds no timer after it was closed", async () => {
    const { clock, triggers, file, watch, told, closes } = await stage();
    told().onHint();
    await watch.close();
    file.now = "b";
    told().onHint();
    await clock.advance(10_000);
    expect([triggers, clock.pending, closes()]).toEqual([[], 0, 1]);
  });
});
