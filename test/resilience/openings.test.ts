import { expect, it } from "vitest";
import { type CountedOutcome, countOpenings } from "../../src/resilience/openings.ts";

const OPTIONS = {
  ...{ failureThreshold: 5, failureWindowMs: 60_000, minRequestThreshold: 10, recoveryTimeoutMs: 30_000 },
  ...{ successRateThreshold: 0.7, halfOpenMaxRequests: 1 },
};

/** + success, - failure, a second apart; T and F are trials that pass and fail, a minute after the one before. */
function outcomes(script: string): readonly CountedOutcome[] {
  let endedMs = 1_000_000;
  return [...script].map((sign) => {
    const trial = sign === "T" || sign === "F";
    endedMs += trial ? 60_000 : 1_000;
    return { effect: sign === "+" || sign === "T" ? "success" : "failure", trial, endedMs };
  });
}

it.each([
  ["", 0],
  ["+++++-----", 1],
  ["+++++++---", 0],
  ["---------", 0],
  ["----------F", 2],
  ["----------T", 1],
  ["----------T----------", 2],
  // What ends after it has opened opens it no second time.
  ["--------------", 1],
])("outcomes %j open a circuit %i times", (script, openings) => {
  expect(countOpenings(outcomes(script), OPTIONS)).toBe(openings);
});
