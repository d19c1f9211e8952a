import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { type FilesOptions, files, yamlOf } from "./reload-stage.ts";

type Files = Awaited<ReturnType<typeof files>>;

const open: Files[] = [];
afterEach(async () => {
  for (const place of open.splice(0)) await place.close();
});

async function stage(options: FilesOptions = {}): Promise<Files> {
  const place = await files({ text: yamlOf("one"), ...options });
  open.push(place);
  return place;
}

const B_ENTRY = '  b: { type: openai, api_key: "$' + '{B_KEY}" }\nmodels:';

const BAD: readonly (readonly [name: string, text: string, message: string | RegExp])[] = [
  ["empty", "", /^~?.*providers\.yaml:1:1: /],
  ["comments only", "# nothing\n# yet\n", /providers\.yaml:\d+:\d+: /],
  ["a syntax error", yamlOf("two", "timeouts: [1\n"), /providers\.yaml:\d+:\d+: wrong indentation/],
  ["a duplicate key", yamlOf("two", "version: 1\n"), /providers\.yaml:6:1: .*version/],
  ["an unknown key", yamlOf("two", "timeuots: strict\n"), /providers\.yaml:6:1: unknown key "timeuots"/],
  ["a wrong type", yamlOf("two", "timeouts: { completion: [] }\n"), /providers\.yaml:6:25: expected/],
  ["two documents", yamlOf("two", "---\nversion: 1\n"), /providers\.yaml:6:1: a second document/],
  ["a missing variable", yamlOf("two", "strategy: $" + "{NOT_SET}\n"), /providers\.yaml:6:11: .*NOT_SET/],
  [
    "a missing secret",
    yamlOf("two").replace("models:", B_ENTRY),
    /^B_KEY is not set, needed by provider b \(.*providers\.yaml:4:\d+\)$/,
  ],
  ["no providers", "version: 1\nproviders: {}\n", /providers\.yaml:2:1: the file has no providers/],
  [
    "another ledger",
    yamlOf("two", "ledger: { path: /x/y.db }\n"),
    /providers\.yaml:6:17: ledger\.path cannot/,
  ],
];

describe("a file that cannot be used (rows 43 and 44, HR-4)", () => {
  it.each(BAD)("is refused and told of with its place: %s", async (_name, text, message) => {
    const { path, reload, status, reply, generations, logged } = await stage();
    writeFileSync(path, text);
    const verdict = await reload("file");
    expect("error" in verdict && verdict.error.message).toMatch(message);
    expect(logged).toEqual([`configuration refused: ${status().lastError?.message}`]);
    expect([reply(), generations.current().number]).toEqual(["one", 1]);
    expect(status()).toMatchObject({
      state: "stale",
      lastError: { message: expect.stringMatching(message) },
    });
    writeFileSync(path, yamlOf("mended"));
    expect(await reload("file")).toMatchObject({ result: "reloaded", generation: 2 });
    expect([reply(), status().lastError]).toEqual(["mended", null]);
    expect(logged.at(-1)).toBe("configuration reloaded");
  });

  it("is refused when it is gone, although the environment would offer a provider", async () => {
    const { path, reload, reply } = await stage({ env: { OPENAI_API_KEY: "sk-test" } });
    unlinkSync(path);
    expect(await reload("file")).toMatchObject({ result: "refused", error: { code: "config_not_found" } });
    expect(reply()).toBe("one");
  });

  it("is refused when it is a folder", async () => {
    const { path, reload } = await stage();
    rmSync(path);
    mkdirSync(path);
    expect(await reload("file")).toMatchObject({ result: "refused", error: { code: "config_invalid" } });
  });

  // The superuser may read everything.
  it.skipIf(process.getuid?.() === 0)("is refused when it may not be read", async () => {
    const { path, reload } = await stage();
    chmodSync(path, 0);
    const verdict = await reload("file");
    expect("error" in verdict && verdict.error.message).toMatch(/cannot be read: permission denied$/);
  });

  it("names no providers and is taken when it says that this is meant", async () => {
    const { path, reload } = await stage();
    writeFileSync(path, "version: 1\nallow_empty: true\n");
    expect(await reload("file")).toMatchObject({ result: "reloaded" });
  });
});

describe("secrets (HR-2, HR-6)", () => {
  const text = yamlOf("one").replace("models:", B_ENTRY);

  it("are resolved again when asked for, and make another endpoint of their provider alone", async () => {
    const { variables, reload, generations } = await stage({ text, env: { B_KEY: "sk-one" } });
    const endpoints = async () => {
      const { generation } = generations.current();
      return Promise.all(["fake", "b"].map(async (id) => (await generation.provider(id)).endpoint));
    };
    const before = await endpoints();
    expect(await reload("signal")).toMatchObject({ result: "unchanged" });
    variables.B_KEY = "sk-two";
    expect(await reload("file")).toMatchObject({ result: "unchanged" });
    expect(await reload("signal")).toMatchObject({ result: "reloaded", generation: 2 });
    const after = await endpoints();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  it("that are gone refuse the reload; one that never was there does not", async () => {
    const { variables, reload, path } = await stage({ text, env: { B_KEY: "sk-one" } });
    delete variables.B_KEY;
    expect(await reload("control")).toMatchObject({ result: "refused", error: { code: "secret_missing" } });
    const never = await stage({ text });
    expect(await never.reload("control")).toMatchObject({ result: "unchanged" });
    writeFileSync(path, text);
    writeFileSync(never.path, text.replace("one", "two"));
    expect(await never.reload("file")).toMatchObject({ result: "reloaded" });
  });
});

describe("tenants' keys", () => {
  const text = yamlOf("one", "tenants: { list: { acme: { key: { env: ACME_KEY } } } }\n");

  it("come with the generation, rotate when asked for, and refuse it when they are gone (HR-4)", async () => {
    const { variables, reload, generations } = await stage({ text, env: { ACME_KEY: "key-one" } });
    const key = () => generations.enter().keys?.get("acme")?.fingerprint();
    const before = key();
    expect(await reload("control")).toMatchObject({ result: "unchanged" });
    variables.ACME_KEY = "key-two";
    expect(await reload("control")).toMatchObject({ result: "reloaded" });
    expect(key()).not.toBe(before);
    delete variables.ACME_KEY;
    expect(await reload("control")).toMatchObject({ result: "refused", error: { code: "secret_missing" } });
  });
});

describe("a watched file", () => {
  it("that is written over 300 ms is loaded once, when it is whole (row 42)", async () => {
    const { path, reports, verdict, reply } = await stage({ watched: true });
    const whole = verdict(({ result }) => result === "reloaded");
    const text = yamlOf("whole", "timeouts: { completion: 7s }\nstrategy: sequential\n");
    writeFileSync(path, "");
    for (let at = 0; at < text.length; at += 20) {
      appendFileSync(path, text.slice(at, at + 20));
      await systemClock.sleep(300 / (text.length / 20));
    }
    await whole;
    expect(reply()).toBe("whole");
    expect(reports.filter(({ verdict: { result } }) => result === "reloaded")).toHaveLength(1);
  });

  it("that appears where there was none is loaded (row 41)", async () => {
    const { path, verdict, generations } = await files({ watched: true }).then((place) => {
      open.push(place);
      return place;
    });
    expect(generations.current().generation.config.path).toBeNull();
    const loaded = verdict(({ result }) => result === "reloaded");
    writeFileSync(path, yamlOf("new"));
    await loaded;
    expect(generations.current().generation.config.path).toBe(path);
  });

  it("that is saved 500 times in a second ends as the last one, after few reloads (row 45)", async () => {
    const { path, folder, verdict, reports, reply } = await stage({ watched: true });
    const last = verdict(() => reply() === "edit 499");
    const begunMs = systemClock.now();
    for (let n = 0; n < 500; n += 1) {
      if (n % 2 === 0) writeFileSync(path, yamlOf(`edit ${n}`));
      else {
        writeFileSync(`${folder}/.new`, yamlOf(`edit ${n}`));
        renameSync(`${folder}/.new`, path);
      }
      const aheadMs = begunMs + n * 2 - systemClock.now();
      if (aheadMs > 0) await systemClock.sleep(aheadMs);
    }
    await last;
    expect(reports.length).toBeLessThan(8);
    expect(reports.every(({ verdict: { result } }) => result !== "refused")).toBe(true);
  });
});
