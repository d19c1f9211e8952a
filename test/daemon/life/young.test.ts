import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { boundYoungGeneration } from "../../../src/daemon/life/young.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const MIB = 1_024 * 1_024;

function growing() {
  const clock = virtualClock();
  const state = { bytes: 2 * MIB, inFlight: 1, letIn: 1, mayGrow: false, looks: 0 };
  const work = { inFlight: () => state.inFlight, letIn: () => state.letIn };
  const end = boundYoungGeneration(clock, work, {
    bytes() {
      state.looks += 1;
      return state.bytes;
    },
    mayGrow(isAllowed) {
      state.mayGrow = isAllowed;
    },
  });
  return { clock, state, end };
}

it("lets the young generation grow to 32 MiB", async () => {
  const { clock, state, end } = growing();
  state.bytes = 31 * MIB;
  await clock.advance(10_000);
  expect(state.mayGrow).toBe(true);
  state.bytes = 32 * MIB;
  await clock.advance(25);
  expect(state.mayGrow).toBe(false);
  end();
});

it("lets it grow again after V8 has taken of it", async () => {
  const { clock, state, end } = growing();
  state.bytes = 32 * MIB;
  await clock.advance(1_000);
  state.bytes = 1 * MIB;
  await clock.advance(250);
  expect(state.mayGrow).toBe(true);
  end();
});

it("lets it grow only while there is work, and watches it then", async () => {
  const { clock, state, end } = growing();
  state.inFlight = 0;
  await clock.advance(25);
  expect(state.mayGrow).toBe(false);
  const { looks } = state;
  await clock.advance(10_000);
  expect(state).toMatchObject({ mayGrow: false, looks });
  // It may come and go between two looks.
  state.letIn += 1;
  await clock.advance(250);
  expect(state.mayGrow).toBe(true);
  await clock.advance(25);
  expect(state.mayGrow).toBe(false);
  end();
});

it("looks no more when it is ended", async () => {
  const { clock, state, end } = growing();
  end();
  state.bytes = 64 * MIB;
  await clock.advance(10_000);
  expect(state.mayGrow).toBe(true);
});

it("stays as it is in this V8, or grows, as it is told", () => {
  const young = new URL("../../../src/daemon/life/young.ts", import.meta.url);
  const program = `const { processYoungGeneration } = await import("${young.href}");
    const young = await processYoungGeneration();
    young.mayGrow(false);
    young.mayGrow(process.argv[1] === "grow");
    const kept = new Array(400_000);
    for (let at = 0; at < 4_000_000; at += 1) kept[at % kept.length] = { at, text: [at] };
    process.stdout.write(String(Math.round(young.bytes() / 1024 ** 2)));`;
  const sizeMib = (how: string) => {
    const argv = ["--input-type=module", "--eval", program, how];
    return Number(spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000 }).stdout);
  };
  const bound = sizeMib("stay");
  expect(bound).toBeGreaterThan(0);
  expect(sizeMib("grow")).toBeGreaterThan(2 * bound);
});
