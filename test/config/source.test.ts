import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSource } from "../../src/config/source.ts";
import { systemClock } from "../../src/core/clock.ts";
import { errorOf } from "./workspace.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-source-"));
  path = join(folder, "providers.yaml");
  writeFileSync(path, "version: 1\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The file, opened, and the waits there were between reads. */
async function opened() {
  const waits: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => void waits.push(ms) };
  const file = await openSource(path, "p.yaml", { clock });
  return { file, waits };
}

describe("a file that is written while it is read (HR-2)", () => {
  it("is read once when nobody writes", async () => {
    const { file, waits } = await opened();
    expect(await file.read()).toEqual({ text: "version: 1\n", steady: true });
    expect(waits).toEqual([]);
    await file.close();
  });

  it("is read again after 50 ms, from its beginning, and its identity is void", async () => {
    const { file, waits } = await opened();
    appendFileSync(path, "# the rest\n");
    expect(await file.read()).toEqual({ text: "version: 1\n# the rest\n", steady: false });
    expect(waits).toEqual([50]);
    await file.close();
  });

  it("is given up after five more reads", async () => {
    const { file, waits } = await opened();
    let isOver = false;
    const write = () => {
      appendFileSync(path, "# more\n");
      if (!isOver) setImmediate(write);
    };
    write();
    const error = await errorOf(file.read());
    isOver = true;
    expect([error.code, error.message]).toEqual(["config_invalid", "p.yaml kept changing while it was read"]);
    expect(waits).toEqual([50, 50, 50, 50, 50]);
    await file.close();
  });
});
