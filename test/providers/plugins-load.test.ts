import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPlugins } from "../../src/providers/plugins-load.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riptide-plugins-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const typed = (types: string) => `export const plugin = { apiVersion: 1, types: { ${types} } };\n`;
const type = (name: string, more = "") =>
  `${name}: { operations: ["complete"], authentication: "none", async options() { return {}; },
     async create() { throw new TypeError("no such thing"); }, ${more} }`;

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

const failureOf = async (text: string) => {
  const path = await write("plugin.mjs", text);
  const { failures } = await loadPlugins([path], { folder, clock: virtualClock() });
  return failures[0]?.message.replace(path, "FILE");
};

describe("loading plugins", () => {
  it.each([
    ["a module", "await new Promise(() => {}); export const plugin = {};"],
    ["the options of a type", typed(type("a", "options: () => new Promise(() => {}),"))],
  ])("ends where %s never does, and says so", async (_what, text) => {
    const path = await write("endless.mjs", text);
    const clock = virtualClock();
    const loading = loadPlugins([path], { folder, clock }).then(async ({ plugins, failures }) => {
      const late = plugins[0]?.plugin.types.a?.options();
      return { said: failures[0]?.message, late };
    });
    const ended = loading.then(
      ({ said, late }) => late?.then(String, (error: Error) => error.message) ?? said,
    );
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(1_000);
    expect(await ended).toContain(`${path}`);
    expect(await ended).toContain("it has not come to an end after 10 s");
  });

  it.each([
    ["throws", 'throw new Error("boom")', "plugin FILE: boom"],
    ["exports none", "export const x = 1", /exports no "plugin"/],
    ["speaks another version", "export const plugin = { apiVersion: 2, types: {} }", /speaks version 2/],
    ["has no types", "export const plugin = { apiVersion: 1, types: {} }", /at least one type/],
    ["misnames a type", typed(type('"A b"')), /"A b" is no name of a type/],
    ["knows strange operations", typed(type("a", 'operations: ["fly"]')), /operations are words of/],
    ["takes a built-in name", typed(type("openai")), /there is a provider type openai already/],
    ["takes a built-in alias", typed(type("azure")), /there is a provider type azure already/],
    ["takes a built-in name as alias", typed(type("a", 'aliases: ["mock"]')), /type mock already/],
  ])("names the file and the reason where a module %s", async (_what, text, expected) => {
    expect(await failureOf(text)).toMatch(expected);
  });

  it("refuses the second of two that declare the same type, and keeps the first", async () => {
    const first = await write("first.mjs", typed(type("twin")));
    const second = await write("second.mjs", typed(type("twin")));
    const { plugins, failures, registry } = await loadPlugins([first, second], {
      folder,
      clock: virtualClock(),
    });
    expect(plugins.map(({ path }) => path)).toEqual([first]);
    expect(failures).toMatchObject([{ index: 1, message: expect.stringContaining(second) }]);
    expect(registry.find("twin")?.name).toBe("twin");
  });

  it.each([
    ["a string", '"./lib/a.mjs"', "lib/a.mjs"],
    ["conditions", '{ "types": "./a.d.ts", "import": "./lib/a.mjs" }', "lib/a.mjs"],
    ["an entry point with conditions", '{ ".": { "default": ["./lib/a.mjs"] } }', "lib/a.mjs"],
  ])("finds a package beside the configuration by exports that are %s", async (_what, exported, entry) => {
    const place = "node_modules/riptide-provider-acme";
    await write(
      `${place}/package.json`,
      `{"name":"riptide-provider-acme","version":"1.2.3","exports":${exported}}`,
    );
    const path = await write(`${place}/${entry}`, typed(type("acme")));
    const { plugins, failures } = await loadPlugins(["riptide-provider-acme"], {
      folder: join(folder, "deeper"),
      clock: virtualClock(),
    });
    expect(failures).toEqual([]);
    expect(plugins).toMatchObject([{ name: "riptide-provider-acme", version: "1.2.3", path }]);
  });

  it("says how to get a package that is not there", async () => {
    const { failures } = await loadPlugins(["riptide-provider-nowhere"], { folder, clock: virtualClock() });
    expect(failures).toMatchObject([
      { index: 0, hint: expect.stringContaining("npm install riptide-provider-nowhere") },
    ]);
  });

  it("tells a fault of the plugin's own code as one of the plugin", async () => {
    const path = await write("plugin.mjs", typed(type("acme")));
    const { registry } = await loadPlugins([path], { folder, clock: virtualClock() });
    const acme = registry.find("acme")?.type;
    await expect(acme?.options()).rejects.toMatchObject({ code: "config_invalid" });
    const made = acme?.create({}, undefined as never);
    await expect(made).rejects.toMatchObject({
      code: "config_invalid",
      message: `${path}: type acme: no such thing`,
    });
  });
});
