import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RiptideError } from "../../../src/core/errors.ts";
import { createLedgerCheck } from "../../../src/daemon/control/ledger-check.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";
import { controlStage, yaml } from "./control-stage.ts";

const FULL = () =>
  new RiptideError("ledger_unavailable", "the ledger cannot grow: the disk is full", { reasons: ["/l.db"] });

describe("readiness and status with a ledger that fails (LG-11)", () => {
  it("say so while requests can neither be admitted nor settled", async () => {
    const { get, daemon } = await controlStage();
    // The stages of this daemon are told to fail as a full disk makes them.
    Object.assign(daemon.stages, { check: () => Promise.reject(FULL()) });
    expect(await get("/readyz")).toMatchObject({
      status: 503,
      json: { ok: false, checks: { ledger: false } },
    });
    expect((await get("/riptide/v1/status")).json.problems).toEqual([
      "the ledger cannot grow: the disk is full: /l.db",
    ]);
  });

  it("say nothing of one that works", async () => {
    const { get } = await controlStage();
    expect(await get("/readyz")).toMatchObject({ status: 200, json: { checks: { ledger: true } } });
    expect((await get("/riptide/v1/status")).json.problems).toEqual([]);
  });

  it("nothing is spent against a ledger that was moved away", async () => {
    const { get, complete, daemon } = await controlStage(yaml("budgets: [{ limit: 10, period: day }]\n"));
    expect((await complete()).status).toBe(200);
    const path = join(daemon.place.stateDir, "state/ledger.db");
    renameSync(path, `${path}.aside`);
    expect(await complete()).toMatchObject({ status: 503, json: { error: { code: "ledger_unavailable" } } });
    expect(await get("/readyz")).toMatchObject({ status: 503, json: { checks: { ledger: false } } });
    expect((await get("/riptide/v1/status")).json.problems).toEqual([
      `the ledger is not in its place any more: ${path}`,
    ]);
    expect(existsSync(path)).toBe(false);
  });
});

describe("the look at the ledger", () => {
  function stage() {
    const clock = virtualClock();
    const said: string[] = [];
    const say = (_facts: object, message: string) => void said.push(message);
    let next: () => Promise<void> = async () => {};
    let looks = 0;
    const stages = {
      check: () => {
        looks += 1;
        return next();
      },
    };
    const check = createLedgerCheck(stages, { clock, log: { debug: say, info: say, warn: say, error: say } });
    const set = (work: typeof next) => {
      next = work;
    };
    return { clock, said, check, looks: () => looks, set };
  }

  it("is one for all who ask within a second, and is in the log where it changes", async () => {
    const { clock, said, check, looks, set } = stage();
    set(() => Promise.reject(FULL()));
    await Promise.all([check(), check()]);
    expect(looks()).toBe(1);
    await clock.advance(1_000);
    expect(await check()).toMatchObject({ code: "ledger_unavailable" });
    set(async () => {});
    await clock.advance(1_000);
    expect(await check()).toBeUndefined();
    expect(said).toEqual(["the ledger cannot grow: the disk is full", "the ledger works again"]);
  });

  it("ends in time where the ledger does not answer", async () => {
    const { clock, check, set } = stage();
    set(() => new Promise(() => {}));
    const found = check();
    await clock.advance(800);
    expect(await found).toMatchObject({ message: "the ledger did not answer within 800 ms" });
  });
});
