import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceFile } from "../../../src/cli/config/place-file.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riptide-place-"));
  await writeFile(join(folder, "f"), "old");
});
afterEach(() => rm(folder, { recursive: true }));

describe("replaceFile (F-4)", () => {
  const replace = (lastLook: () => Promise<void>) =>
    replaceFile(join(folder, "f"), "new", { temporary: join(folder, "f.edit"), mode: 0o640, lastLook });

  it("shows the last look the old file, and puts the new one in its place with the mode asked", async () => {
    await replace(async () => {
      expect(await readFile(join(folder, "f"), "utf8")).toBe("old");
      expect(await readFile(join(folder, "f.edit"), "utf8")).toBe("new");
    });
    expect([await readFile(join(folder, "f"), "utf8"), await readdir(folder)]).toEqual(["new", ["f"]]);
    expect((await stat(join(folder, "f"))).mode & 0o7777).toBe(0o640);
  });

  it("leaves what the file has become where the last look refuses, and nothing of its own", async () => {
    const replacing = replace(async () => {
      await writeFile(join(folder, "f"), "by another hand");
      throw new Error("changed meanwhile");
    });
    await expect(replacing).rejects.toThrow("changed meanwhile");
    expect(await readFile(join(folder, "f"), "utf8")).toBe("by another hand");
    expect(await readdir(folder)).toEqual(["f"]);
  });

  it("does not touch a temporary file that is another's", async () => {
    await writeFile(join(folder, "f.edit"), "another's");
    await expect(replace(async () => undefined)).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readFile(join(folder, "f.edit"), "utf8")).toBe("another's");
  });
});
