import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepDashboard, readPreferences } from "../../src/config/preferences.ts";
import { errorOf } from "./workspace.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-preferences-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const place = () => ({ userConfig: join(folder, "riptide/providers.yaml") });
const file = () => join(folder, "riptide/preferences.json");
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("preferences", () => {
  it("are found again, in a file and a folder for the owner alone (F-5)", async () => {
    expect(await keepDashboard(place(), { view: "costs", refresh_ms: 500 })).toBe(file());
    expect(readPreferences(place())).toEqual({ dashboard: { view: "costs", refresh_ms: 500 } });
    expect([modeOf(file()), modeOf(join(folder, "riptide"))]).toEqual(["600", "700"]);
    await keepDashboard(place(), { view: "tenants" });
    expect([readPreferences(place()).dashboard, modeOf(file())]).toEqual([{ view: "tenants" }, "600"]);
  });

  it.each(["", "{", "[1]", "null", '"text"'])(
    "move a file that holds %j aside instead of losing it",
    async (text) => {
      mkdirSync(join(folder, "riptide"));
      writeFileSync(file(), text);
      expect(readPreferences(place())).toEqual({});
      await keepDashboard(place(), { view: "costs" });
      expect(readFileSync(`${file()}.broken`, "utf8")).toBe(text);
      expect(readPreferences(place())).toEqual({ dashboard: { view: "costs" } });
    },
  );

  it("follow no link", async () => {
    mkdirSync(join(folder, "riptide"));
    const target = join(folder, "elsewhere.json");
    symlinkSync(target, file());
    const { code, message } = await errorOf(keepDashboard(place(), { view: "costs" }));
    expect([code, message, existsSync(target)]).toEqual([
      "write_failed",
      expect.stringContaining("no regular file"),
      false,
    ]);
  });

  it("take only words and numbers from what stands in the file", () => {
    mkdirSync(join(folder, "riptide"));
    writeFileSync(file(), JSON.stringify({ dashboard: { view: "costs", x: { y: 1 }, z: null } }));
    expect(readPreferences(place())).toEqual({ dashboard: { view: "costs" } });
  });
});
