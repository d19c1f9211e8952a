import { describe, it } from "vitest";
import { adapterCases } from "../../src/testing/contract.ts";
import type { ContractSetup } from "../../src/testing/stage.ts";

/** Holds an adapter to the suite that plugin authors get. */
export function describeAdapter(name: string, setup: ContractSetup): void {
  describe(`${name} adapter`, () => {
    for (const { name: title, skip, run } of adapterCases(setup)) {
      if (skip === undefined) it(title, run);
      else it.skip(`${title} (${skip})`, () => {});
    }
  });
}
