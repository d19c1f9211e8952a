import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const moduleAt = (name: string) => new URL(`../../../src/daemon/life/${name}.ts`, import.meta.url).href;

/** What a program of these words says, in a process of its own. */
function said(program: string) {
  const argv = [
    "--input-type=module",
    "--eval",
    `const { tuneV8 } = await import("${moduleAt("v8")}"); ${program}`,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000 });
  return { stdout, stderr };
}

it("says nothing that this V8 does not know", () => {
  expect(said("await tuneV8();")).toEqual({ stdout: "", stderr: "" });
});

it("holds the heap near what lives in it while objects come, stay a while and go", () => {
  const churn = `
    const { getHeapStatistics } = await import("node:v8");
    const { processHeap } = await import("${moduleAt("rest")}");
    const living = Array.from({ length: 200_000 }, (_, at) => ({ at, text: [at] }));
    (await processHeap()).collect();
    let highest = 0;
    for (let round = 0; round < 400; round += 1) {
      for (let at = 0; at < 5_000; at += 1) living[(round * 5_000 + at) % living.length] = { at, text: [at] };
      await new Promise((resolve) => setImmediate(resolve));
      highest = Math.max(highest, getHeapStatistics().used_heap_size);
    }
    process.stdout.write(String(Math.round(highest / 1e6)));`;
  const tuned = Number(said(`await tuneV8(); ${churn}`).stdout);
  expect(tuned).toBeGreaterThan(0);
  expect(Number(said(churn).stdout)).toBeGreaterThan(1.3 * tuned);
});

it("has functions optimized after fewer calls", () => {
  // A function tells by this bit that V8's optimizing compiler made it.
  const calls = `
    const { setFlagsFromString } = await import("node:v8");
    for (const flag of ["allow-natives-syntax", "no-concurrent-recompilation"]) setFlagsFromString("--" + flag);
    const isOptimized = new Function("work", "return (%GetOptimizationStatus(work) & (1 << 6)) !== 0");
    const works = Array.from({ length: 100 }, (_, n) => new Function("at", "return { at, n: " + n + ", all: [at] }"));
    for (let call = 0; call < 8_000; call += 1) for (const work of works) work(call);
    process.stdout.write(String(works.filter(isOptimized).length));`;
  const untuned = said(calls).stdout;
  expect(untuned).toMatch(/^\d+$/);
  expect(Number(said(`await tuneV8(); ${calls}`).stdout)).toBeGreaterThan(Number(untuned));
});
