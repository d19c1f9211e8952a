import { describe, expect, it } from "vitest";
import type { Config } from "../../../src/config/config.ts";
import { RiptideError } from "../../../src/core/errors.ts";
import { createGenerations } from "../../../src/daemon/generations.ts";
import { createReloader } from "../../../src/daemon/reload/reload.ts";
import type { BuiltGeneration, ReadConfig } from "../../../src/daemon/reload/source.ts";
import type { ReloadReport } from "../../../src/daemon/reload/verdict.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

/** What stands in the file, as far as a reload looks at it. */
interface Content {
  readonly revision: string;
  readonly path?: string | null;
  readonly providers?: readonly string[];
  /** Providers whose secret is not there. */
  readonly missing?: readonly string[];
  readonly secrets?: string;
  readonly config?: Partial<Config>;
  readonly error?: RiptideError;
}

const DAEMON = { listen: null, maxConcurrent: 1 };

function configOf({ revision, path = "/p.yaml", providers = ["a"], config }: Content): Config {
  // Only what a reload compares is there.
  return {
    ...{ revision, path, providers: providers.map((id) => ({ id })) },
    ...{ daemon: DAEMON, ledger: {}, plugins: [], tenants: { list: {} } },
    ...config,
  } as unknown as Config;
}

async function stage(first: Content) {
  const clock = virtualClock();
  const closed: string[] = [];
  const reports: ReloadReport[] = [];
  const followed: string[] = [];
  const file = { now: first, reads: 0, buildMs: 0 };
  const read = async (): Promise<ReadConfig> => {
    file.reads += 1;
    const content = file.now;
    if (content.error) throw content.error;
    return {
      config: configOf(content),
      placeOf: (path) => (path.includes("tenants") ? undefined : `p.yaml:${path.length}:1`),
      warnings: [],
      async build() {
        if (file.buildMs > 0) await clock.sleep(file.buildMs);
        return built(content);
      },
    };
  };
  const built = (content: Content): BuiltGeneration => {
    const { providers = ["a"], missing = [], secrets = "" } = content;
    const usable = providers.filter((id) => !missing.includes(id));
    const facts = { reasons: ["needed by provider b (p.yaml:4:5)"] };
    return {
      generation: { config: configOf(content) } as BuiltGeneration["generation"],
      loadedMs: clock.wall(),
      endpoints: new Map(usable.map((id) => [id, `${id}${secrets}`])),
      misconfigured: new Map(
        missing.map((id) => [id, new RiptideError("secret_missing", "B_KEY is not set", facts)]),
      ),
      fingerprint: JSON.stringify([usable, missing, secrets]),
      close: async () => void closed.push(content.revision),
    };
  };
  const begun = built(first);
  const generations = createGenerations(begun);
  const reloader = createReloader({
    ...{ clock, generations, first: begun, source: { read } },
    guard: { follow: (endpoints) => void followed.push([...endpoints.values()].join()) },
    onVerdict: (report) => void reports.push(report),
  });
  const revision = () => generations.current().generation.config.revision;
  return { ...reloader, clock, generations, file, closed, reports, followed, revision };
}

describe("a reload", () => {
  it("puts a new file in place, and says so once (HR-5)", async () => {
    const { reload, file, revision, closed, reports, followed, status, clock } = await stage({
      revision: "one",
    });
    await clock.advance(1_000);
    file.now = { revision: "two", providers: ["a", "b"] };
    const verdict = await reload("file");
    expect(verdict).toMatchObject({ result: "reloaded", revision: "two", generation: 2, dryRun: false });
    expect([revision(), closed, followed]).toEqual(["two", ["one"], ["a", "a,b"]]);
    expect(reports).toMatchObject([{ verdict, triggers: ["file"] }]);
    expect(status()).toMatchObject({
      ...{ state: "current", lastError: null },
      revisions: [
        { revision: "two", generation: 2, loadedMs: clock.wall() },
        { revision: "one", generation: 1, loadedMs: clock.wall() - 1_000 },
      ],
    });
  });

  it("of a file that was only touched builds nothing; who asks has secrets looked at again (HR-2)", async () => {
    const { reload, file, generations } = await stage({ revision: "one" });
    file.now = { revision: "one", secrets: "rotated" };
    expect(await reload("file")).toMatchObject({ result: "unchanged", generation: 1 });
    expect(await reload("signal")).toMatchObject({ result: "reloaded", revision: "one", generation: 2 });
    expect(await reload("control")).toMatchObject({ result: "unchanged", generation: 2 });
    expect(generations.current().number).toBe(2);
  });

  it("closes what it built for nothing", async () => {
    const { reload, closed } = await stage({ revision: "one" });
    await reload("control");
    expect(closed).toEqual(["one"]);
  });

  it("that fails changes nothing and says why until the next good load (HR-4)", async () => {
    const { reload, file, revision, status, clock, followed } = await stage({ revision: "one" });
    const error = new RiptideError("config_invalid", 'p.yaml:3:5: unknown key "x"');
    file.now = { revision: "two", error };
    expect(await reload("file")).toEqual({ result: "refused", dryRun: false, error });
    expect([revision(), followed]).toEqual(["one", ["a"]]);
    expect(status()).toMatchObject({
      state: "stale",
      lastError: { atMs: clock.wall(), code: "config_invalid", message: 'p.yaml:3:5: unknown key "x"' },
    });
    file.now = { revision: "one" };
    expect(await reload("file")).toMatchObject({ result: "unchanged" });
    expect(status()).toMatchObject({ state: "current", lastError: null });
  });

  it("that is refused for several reasons tells them all, as far as anybody reads", async () => {
    const { reload, file, status } = await stage({ revision: "one", providers: ["a", "b"] });
    const problems = Array.from({ length: 23 }, (_, at) => `p.yaml:${at}:1: wrong`);
    file.now = {
      revision: "two",
      error: new RiptideError("config_invalid", "p.yaml:0:1: wrong", { problems }),
    };
    await reload("file");
    expect(status().lastError?.problems).toEqual([...problems.slice(0, 20), "and 3 more"]);
    file.now = { revision: "three", providers: ["a", "b"], missing: ["a", "b"] };
    await reload("file");
    expect(status().lastError).toMatchObject({
      code: "secret_missing",
      problems: Array(2).fill("B_KEY is not set, needed by provider b (p.yaml:4:5)"),
    });
  });

  it("is refused when a provider would newly lack its secret, and not for one that lacked it before (HR-4)", async () => {
    const { reload, file, revision, closed } = await stage({
      ...{ revision: "one", providers: ["a", "c"], missing: ["c"] },
    });
    file.now = { revision: "two", providers: ["a", "b", "c"], missing: ["b", "c"] };
    const verdict = await reload("file");
    expect(verdict).toMatchObject({ result: "refused", error: { code: "secret_missing" } });
    expect("error" in verdict && verdict.error.message).toBe(
      "B_KEY is not set, needed by provider b (p.yaml:4:5)",
    );
    expect([revision(), closed]).toEqual(["one", ["two"]]);
    file.now = { revision: "three", providers: ["a", "c"], missing: ["c"] };
    expect(await reload("file")).toMatchObject({ result: "reloaded", revision: "three" });
  });

  it("of a file that is gone keeps its providers, whatever the environment offers (HR-4)", async () => {
    const { reload, file, revision } = await stage({ revision: "one" });
    file.now = { revision: "discovered", path: null };
    expect(await reload("file")).toMatchObject({ result: "refused", error: { code: "config_not_found" } });
    expect(revision()).toBe("one");
  });

  it("takes a file that appears where there was none", async () => {
    const { reload, file } = await stage({ revision: "discovered", path: null });
    file.now = { revision: "one" };
    expect(await reload("file")).toMatchObject({ result: "reloaded", revision: "one" });
  });

  it("only asked for changes nothing, not even what is known of the last error", async () => {
    const { reload, file, revision, closed, status, generations } = await stage({ revision: "one" });
    file.now = { revision: "two" };
    expect(await reload("control", { dryRun: true })).toMatchObject({
      ...{ result: "reloaded", dryRun: true, revision: "two", generation: 2 },
    });
    file.now = { revision: "three", error: new RiptideError("config_invalid", "no") };
    expect(await reload("control", { dryRun: true })).toMatchObject({ result: "refused", dryRun: true });
    expect([revision(), closed, generations.current().number]).toEqual(["one", ["two"], 1]);
    expect(status()).toMatchObject({ lastError: null, revisions: [{ revision: "one" }] });
  });

  it("keeps the last ten good revisions", async () => {
    const { reload, file, status } = await stage({ revision: "r1" });
    for (let n = 2; n <= 13; n += 1) {
      file.now = { revision: `r${n}` };
      await reload("file");
    }
    expect(status().revisions.map(({ revision }) => revision)).toEqual(
      [13, 12, 11, 10, 9, 8, 7, 6, 5, 4].map((n) => `r${n}`),
    );
  });
});

describe("what only a restart can change (HR-7)", () => {
  const socket = { path: "/run/acme.sock" };
  it.each<[string, Partial<Config>, string]>([
    ["the socket", { daemon: { ...DAEMON, socket: "/x" } as never }, "p.yaml:2:1: daemon.socket"],
    ["the address", { daemon: { ...DAEMON, listen: "127.0.0.1:1" } as never }, "p.yaml:2:1: daemon.listen"],
    ["the ledger", { ledger: { path: "/x" } as never }, "p.yaml:2:1: ledger.path"],
    ["plugins", { plugins: [{ module: "x" }] }, "p.yaml:1:1: plugins"],
    ["a tenant's socket", { tenants: { list: { acme: { socket } } } as never }, "tenants.list.acme.socket"],
  ])("refuses the whole reload: %s", async (_name, config, named) => {
    const { reload, file, revision } = await stage({ revision: "one" });
    file.now = { revision: "two", config };
    const verdict = await reload("control");
    expect(verdict).toMatchObject({ result: "refused", error: { code: "restart_required" } });
    expect("error" in verdict && verdict.error.message).toBe(
      `${named} cannot change while the daemon runs; nothing of the file was applied`,
    );
    expect(revision()).toBe("one");
  });

  it("does not hold for limits and a tenant without a socket", async () => {
    const { reload, file } = await stage({ revision: "one" });
    const tenants = { list: { acme: { limits: { maxConcurrent: 1 } } } };
    file.now = {
      revision: "two",
      config: { daemon: { ...DAEMON, maxConcurrent: 2 }, tenants } as never,
    };
    expect(await reload("control")).toMatchObject({ result: "reloaded" });
  });
});

describe("reloads one after the other (HR-1)", () => {
  it("run one at a time; who asks meanwhile shares the next one, which sees the last content", async () => {
    const { reload, file, clock, reports, revision } = await stage({ revision: "one" });
    file.buildMs = 1_000;
    file.now = { revision: "two" };
    const first = reload("file");
    await clock.advance(10);
    file.now = { revision: "three" };
    const waiting = [reload("file"), reload("signal"), reload("file")];
    file.now = { revision: "four" };
    await clock.advance(2_000);
    expect(await first).toMatchObject({ revision: "two", generation: 2 });
    for (const verdict of await Promise.all(waiting))
      expect(verdict).toMatchObject({ revision: "four", generation: 3 });
    expect(reports.map(({ triggers, tookMs }) => [triggers, tookMs])).toEqual([
      [["file"], 1_000],
      [["file", "signal"], 1_000],
    ]);
    expect([file.reads, revision()]).toEqual([2, "four"]);
  });

  it("answer who only asks and who means it differently", async () => {
    const { reload, file, revision } = await stage({ revision: "one" });
    file.now = { revision: "two" };
    const asked = [reload("control", { dryRun: true }), reload("control")];
    expect((await Promise.all(asked)).map(({ dryRun }) => dryRun)).toEqual([true, false]);
    expect(revision()).toBe("two");
  });

  it("go on after one that failed", async () => {
    const { reload, file } = await stage({ revision: "one" });
    file.now = { revision: "two", error: new RiptideError("config_invalid", "no") };
    const failing = reload("file");
    await failing;
    file.now = { revision: "three" };
    expect(await reload("file")).toMatchObject({ result: "reloaded", revision: "three" });
  });
});
