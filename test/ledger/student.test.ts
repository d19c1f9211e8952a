import { expect, it } from "vitest";
import { studentT } from "../../src/ledger/student.ts";

// Two-sided critical values as tables of the t distribution print them.
it.each([
  [0.8, 1, 3.078],
  [0.8, 2, 1.886],
  [0.8, 4, 1.533],
  [0.8, 10, 1.372],
  [0.9, 30, 1.697],
  [0.95, 10, 2.228],
  [0.95, 3, 3.182],
  [0.99, 5, 4.032],
  [0.99, 120, 2.617],
] as const)(
  "%f of what is likely, with %i degrees of freedom, lies within %f errors",
  (share, freedom, value) => {
    expect(studentT(share, freedom)).toBeCloseTo(value, 2);
  },
);
