import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { boundYoungGeneration } from "../../../src/daemon/life/young.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const MIB = 1_024 * 1_024;

function growing() {
  const clock = virtualClock();
  const state = { bytes: 2 * MIB, stopped: 0, looks: 0 };
  const end = boundYoungGeneration(clock, {
    bytes() {
      state.looks += 1;
      return state.bytes;
    },
    stopGrowth() {
      state.stopped += 1;
    },
  });
  return { clock, state, end };
}

it("lets the young generation grow to 32 MiB, and then looks no more", async () => {
  const { clock, state } = growing();
  state.bytes = 31 * MIB;
  await clock.advance(10_000);
  expect(state.stopped).toBe(0);
  state.bytes = 32 * MIB;
  await clock.advance(200);
  expect(state.stopped).toBe(1);
  const { looks } = state;
  await clock.advance(10_000);
  expect(state).toMatchObject({ stopped: 1, looks });
});

it("looks no more when it is ended", async () => {
  const { clock, state, end } = growing();
  end();
  state.bytes = 64 * MIB;
  await clock.advance(10_000);
  expect(state.stopped).toBe(0);
});

it("stays as it is in this V8 from there on", () => {
  const young = new URL("../../../src/daemon/life/young.ts", import.meta.url);
  const program = `const { processYoungGeneration } = await import("${young.href}");
    const young = await processYoungGeneration();
    if (process.argv[1] === "bound") young.stopGrowth();
    const kept = new Array(400_000);
    for (let at = 0; at < 4_000_000; at += 1) kept[at % kept.length] = { at, text: [at] };
    process.stdout.write(String(Math.round(young.bytes() / 1024 ** 2)));`;
  const sizeMib = (how: string) => {
    const argv = ["--input-type=module", "--eval", program, how];
    return Number(spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000 }).stdout);
  };
  const bound = sizeMib("bound");
  expect(bound).toBeGreaterThan(0);
  expect(sizeMib("free")).toBeGreaterThan(2 * bound);
});
