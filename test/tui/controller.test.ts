import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { createController, type Source } from "../../src/tui/controller.ts";
import type { DashboardData } from "../../src/tui/data.ts";
import { type Line, plainText } from "../../src/tui/line.ts";
import { firstState } from "../../src/tui/state.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { request, sample } from "./sample.ts";

const LOOK = { columns: 160, rows: 30, ascii: false };
const text = (lines: readonly Line[]) => lines.map(plainText).join("\n");
const char = (letter: string) => ({ kind: "char", char: letter }) as const;

/** A dashboard over a source that counts its looks. */
function stage(more: Partial<Source> = {}, view: "overview" | "requests" = "overview") {
  const clock = virtualClock();
  const looks: string[] = [];
  const source: Source = {
    async look(shown, range) {
      looks.push(`${shown} ${range}`);
      return sample();
    },
    story: async (id) => [`story of ${id}`],
    reset: async () => {},
    save: async () => "/home/me/preferences.json",
    ...more,
  };
  const state = firstState({ view, range: "month", isReadOnly: false });
  const controller = createController({ source, clock, state, refreshMs: 1_000 });
  const ended = new AbortController();
  const running = controller.run(ended.signal);
  const press = async (...keys: readonly Parameters<typeof controller.press>[0][]) => {
    for (const key of keys) controller.press(key);
    await clock.advance(0);
  };
  return { clock, looks, controller, ended, running, press, screen: () => text(controller.lines(LOOK)) };
}

describe("a dashboard", () => {
  it("shows a story to its last word, however long its lines are, and goes back up from there at once", async () => {
    const word = (n: number) => `w${String(n).padStart(4, "0")}`;
    const lines = [
      `  because: ${Array.from({ length: 800 }, (_, at) => word(at)).join(" ")}`,
      "the last word",
    ];
    const { controller, press } = stage({ story: async () => lines }, "requests");
    const small = { columns: 60, rows: 15, ascii: true };
    const shown = () => text(controller.lines(small));
    await press();
    await press({ kind: "enter" });
    expect(shown()).toContain(word(0));
    await press({ kind: "end" });
    expect(shown()).toContain("the last word");
    await press(...Array.from({ length: 40 }, () => char("j")));
    const bottom = shown();
    expect(bottom).toContain("the last word");
    await press(char("k"));
    expect(shown()).not.toBe(bottom);
    expect(bottom.split("\n").filter((line) => /^ {6}w\d/.test(line)).length).toBeGreaterThan(5);
  });

  it("is left at once, and turns to another view, while nobody answers", async () => {
    let asked = 0;
    const never = new Promise<DashboardData>(() => {});
    const look: Source["look"] = async (view) => {
      asked += 1;
      return view === "overview" && asked > 1 ? never : sample();
    };
    const { clock, controller, press, running, screen } = stage({ look });
    await clock.advance(1_100);
    expect(asked).toBe(2);
    expect(screen()).toContain(" daemon 09:35:00");
    await clock.advance(3_000);
    expect(screen()).toContain("out of date 09:35:00");
    expect(screen()).toContain("no answer for 3 s");
    await press(char("2"));
    expect(screen()).toContain("second/fast");
    expect(screen()).not.toContain("out of date");
    await press(char("1"));
    expect(asked).toBe(4);
    controller.press(char("q"));
    await running;
  });

  it("looks again soon after somebody answered late, or not at all", async () => {
    let lookNow: () => Promise<DashboardData> = async () => sample();
    const { clock } = stage({ look: () => lookNow() });
    const starts: number[] = [];
    lookNow = async () => {
      starts.push(clock.now());
      await clock.sleep(8_000);
      if (starts.length > 2) throw new RiptideError("deadline_exceeded", "no answer within 8 s");
      return sample();
    };
    await clock.advance(50_000);
    // Eight seconds each: one of rest after the first, ten after another that was slow, one after no answer.
    expect(starts).toEqual([1_000, 10_000, 28_000, 37_000, 46_000]);
  });

  it("looks every second, and at once when another view or range is asked for", async () => {
    const { clock, looks, press } = stage();
    await clock.advance(2_500);
    expect(looks).toEqual(["overview month", "overview month", "overview month"]);
    await press(char("2"));
    expect(looks.slice(3)).toEqual(["costs month"]);
    await press(char("t"));
    expect(looks.slice(4)).toEqual(["costs week"]);
  });

  it("spends no more than a thirtieth of its time on looking", async () => {
    const slow = virtualClock();
    let looks = 0;
    const source: Source = {
      async look() {
        looks += 1;
        slow.skip(300);
        return sample();
      },
      ...{ story: async () => [], reset: async () => {}, save: async () => "" },
    };
    const state = firstState({ view: "overview", range: "month", isReadOnly: false });
    const controller = createController({ source, clock: slow, state, refreshMs: 1_000 });
    void controller.run(new AbortController().signal);
    // The first look is slow for other reasons than the ledger's size.
    await slow.advance(1_400);
    expect(looks).toBe(2);
    await slow.advance(9_000 - 200);
    expect(looks).toBe(2);
    await slow.advance(400);
    expect(looks).toBe(3);
  });

  it("stands still while it is paused", async () => {
    const { clock, looks, press, screen } = stage();
    await clock.advance(0);
    await press(char("p"));
    await clock.advance(10_000);
    expect([looks.length, screen()]).toEqual([1, expect.stringContaining("paused")]);
    await press(char("p"));
    expect(looks.length).toBe(2);
  });

  it("keeps what it has seen when a look fails, says why, and goes on", async () => {
    let fails = false;
    const { clock, screen } = stage({
      look: async () => {
        if (fails) throw new RiptideError("daemon_lost", "the daemon has gone");
        return sample();
      },
    });
    await clock.advance(0);
    fails = true;
    await clock.advance(1_000);
    expect(screen()).toMatch(/out of date[\s\S]*second +healthy|second[\s\S]*the daemon has gone/);
    fails = false;
    await clock.advance(1_000);
    expect(screen()).not.toContain("the daemon has gone");
  });

  it("does not show figures of a range that is no longer asked for", async () => {
    const waiting: ((data: DashboardData) => void)[] = [];
    const { clock, press, screen } = stage({ look: () => new Promise((done) => waiting.push(done)) });
    await press(char("t"));
    waiting[0]?.(sample());
    await clock.advance(0);
    expect(screen()).toContain("looking");
    waiting[1]?.(sample());
    await clock.advance(0);
    expect(screen()).toContain("this week");
  });

  it("keeps the request that was chosen when newer ones come above it", async () => {
    let requests = [request(2), request(1)];
    const { clock, press, screen } = stage({ look: async () => sample({ requests }) }, "requests");
    await clock.advance(0);
    await press(char("j"));
    expect(screen()).toMatch(/› .*rq_0001/);
    requests = [request(4), request(3), ...requests];
    await clock.advance(1_000);
    expect(screen()).toMatch(/› .*rq_0001/);
  });

  it("tells what keys came to: a story, a reset, what was kept, and what failed", async () => {
    const resets: string[] = [];
    const told = stage({
      reset: async (provider) => void resets.push(provider),
      story: async (id) => {
        if (id === "rq_0002") throw new RiptideError("not_found", "no such request");
        return [`story of ${id}`];
      },
    });
    await told.clock.advance(0);
    await told.press(char("6"));
    await told.press({ kind: "enter" });
    expect(told.screen()).toContain("story of rq_0001");
    await told.press({ kind: "escape" }, { kind: "down" });
    await told.press({ kind: "enter" });
    expect(told.screen()).toContain("no such request");
    await told.press(char("5"));
    await told.press(char("c"), char("y"));
    expect([resets, told.screen()]).toEqual([
      ["broken"],
      expect.stringContaining("the circuits of broken were reset"),
    ]);
    await told.press(char("w"));
    expect(told.screen()).toContain("kept in /home/me/preferences.json");
  });

  it("ends with q, and with the reason of a signal", async () => {
    const quit = stage();
    await quit.clock.advance(0);
    await quit.press(char("q"));
    await expect(quit.running).resolves.toBeUndefined();
    expect(quit.clock.pending).toBe(0);
    const told = stage();
    await told.clock.advance(0);
    told.ended.abort(new RiptideError("cancelled", "interrupted"));
    await expect(told.running).rejects.toThrow("interrupted");
  });
});
