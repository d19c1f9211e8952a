import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const FILE = `providers:\n  m: { type: mock, reply: "\${REPLY:-hi}" }\n  o: { type: openai, api_key: "\${KEY}" }\n`;
const folder = () => join(place.stateDir, "cache");
const cached = () => (existsSync(folder()) ? readdirSync(folder()) : []);
/** The cache served when the document of the file was not read. */
const isFromCache = async (env?: NodeJS.ProcessEnv, more?: object) =>
  (await place.load(env, { configFlag: "providers.yaml", ...more })).document === undefined;

function moveBehindLink(path: string): void {
  renameSync(path, `${path}2`);
  symlinkSync(`${path}2`, path);
}

describe("the cache", () => {
  it("serves the second load with the same configuration", async () => {
    const first = await place.loadText(FILE);
    expect(await isFromCache()).toBe(true);
    const second = await place.load({}, { configFlag: "providers.yaml" });
    expect(JSON.stringify(second.config)).toBe(JSON.stringify(first.config));
    expect(second.placeOf(["providers", "o", "api_key"])).toBe("providers.yaml:3:31");
  });

  it("is private: folder 0700, file 0600, nothing left beside it", async () => {
    await place.loadText(FILE);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(cached()).toHaveLength(1);
    expect(statSync(join(folder(), cached()[0] ?? "")).mode & 0o777).toBe(0o600);
  });

  it("keeps variables unexpanded, so that no value of the environment reaches the disk", async () => {
    await place.loadText(FILE, { KEY: "sk-canary", REPLY: "reply-canary" });
    expect(readFileSync(join(folder(), cached()[0] ?? ""), "utf8")).not.toContain("canary");
    const { config } = await place.load({ REPLY: "other" }, { configFlag: "providers.yaml" });
    expect(config.providers[0]?.options.reply).toBe("other");
  });

  it.each([
    ["a literal key", `providers:\n  o: { type: openai, api_key: sk-literal }\n`],
    ["a literal fallback for a key", `providers:\n  o: { type: openai, api_key: "\${K:-sk-literal}" }\n`],
    ["a literal header", `providers:\n  m: { type: mock, headers: { x-key: literal } }\n`],
    [
      "a tenant's literal key",
      `providers:\n  m: { type: mock }\ntenants: { list: { a: { key: literal } } }\n`,
    ],
    ["a variable in a number", `providers:\n  m: { type: mock, priority: "\${P:-5}" }\n`],
  ])("never keeps a file with %s", async (_name, text) => {
    await place.loadText(text);
    expect(cached()).toEqual([]);
  });

  it("is passed by where a variable or flag changes the file", async () => {
    await place.loadText(FILE);
    expect(await isFromCache({ RIPTIDE_STRATEGY: "round-robin" })).toBe(false);
    expect(await isFromCache({}, { sets: ["strategy=round-robin"] })).toBe(false);
    expect(await isFromCache()).toBe(true);
  });

  it.each<[string, () => void]>([
    ["changed", () => writeFileSync(join(place.cwd, "providers.yaml"), `${FILE}# more\n`)],
    ["touched", () => utimesSync(join(place.cwd, "providers.yaml"), 1, 1)],
    [
      "replaced by one of the same size and time",
      () => {
        const path = join(place.cwd, "providers.yaml");
        const { atime, mtime } = statSync(path);
        writeFileSync(`${path}.new`, FILE.replace("hi", "ho"));
        utimesSync(`${path}.new`, atime, mtime);
        renameSync(`${path}.new`, path);
      },
    ],
  ])("does not serve a file that was %s", async (_name, change) => {
    await place.loadText(FILE);
    change();
    expect(await isFromCache()).toBe(false);
    expect(await isFromCache()).toBe(true);
  });

  it("does not serve another version of the program", async () => {
    await place.loadText(FILE);
    expect(await isFromCache({}, { version: "1.0.1" })).toBe(false);
  });

  it("keeps nothing of a file that changed a moment ago", async () => {
    await place.loadText(FILE, {}, { clock: { ...systemClock, wall: () => statSync(place.cwd).ctimeMs } });
    expect(cached()).toEqual([]);
  });

  it.each<[string, () => void]>([
    ["may be entered by others", () => chmodSync(folder(), 0o755)],
    ["is a link", () => moveBehindLink(folder())],
  ])("is not trusted when its folder %s", async (_name, change) => {
    await place.loadText(FILE);
    change();
    expect(await isFromCache()).toBe(false);
  });

  it.each<[string, (file: string) => void]>([
    ["is damaged", (file) => writeFileSync(file, '{"key":')],
    ["may be written by others", (file) => chmodSync(file, 0o666)],
    ["is a link", moveBehindLink],
  ])("is not trusted when its file %s", async (_name, change) => {
    await place.loadText(FILE);
    change(join(folder(), cached()[0] ?? ""));
    expect(await isFromCache()).toBe(false);
  });

  it("that cannot be written stops nothing", async () => {
    mkdirSync(join(place.home, ".local/state"), { recursive: true });
    writeFileSync(place.stateDir, "a file in the way");
    expect((await place.loadText(FILE)).config.providers).toHaveLength(3);
  });

  it("also serves what was found in the environment, for the same finds only", async () => {
    const load = async (env: NodeJS.ProcessEnv) => (await place.load(env)).document === undefined;
    expect(await load({ OPENAI_API_KEY: "a" })).toBe(false);
    expect(await load({ OPENAI_API_KEY: "b" })).toBe(true);
    expect(await load({ ANTHROPIC_API_KEY: "c" })).toBe(false);
  });

  it("makes the YAML parser and the schemas unnecessary", async () => {
    const { execFileSync } = await import("node:child_process");
    await place.loadText(FILE);
    const script = `
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { readEnvironment } = await import("./src/config/environment.ts");
      const { loadConfig } = await import("./src/config/load.ts");
      const { systemClock } = await import("./src/core/clock.ts");
      const { document } = await loadConfig({ environment: readEnvironment({}, ${JSON.stringify(place.home)}),
        configFlag: "providers.yaml", cwd: ${JSON.stringify(place.cwd)}, clock: systemClock, version: "1.0.0" });
      console.log(JSON.stringify({ read: document !== undefined, heavy: loaded.filter((url) => /node_modules/.test(url)) }));
    `;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8",
    });
    expect(JSON.parse(output)).toEqual({ read: false, heavy: [] });
  });
});
