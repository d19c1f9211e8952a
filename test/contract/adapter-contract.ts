import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drive } from "../helpers/drive.ts";
import { startSimulator } from "../helpers/simulator.ts";
import { answers, requests, usages } from "./answer-cases.ts";
import { brokenBodies, endings, failures } from "./failure-cases.ts";
import { mutations } from "./mutation-cases.ts";
import { sideCalls } from "./side-call-cases.ts";
import type { ContractSetup, Register, Stage } from "./stage.ts";
import { tools } from "./tool-cases.ts";

/**
 * The suite every adapter passes: real bytes from a strict local server, through the framer and the adapter, to
 * RipTide's words. The server checks what it is sent; a test fails when it found anything wrong.
 */
export function describeAdapter(name: string, setup: ContractSetup): void {
  describe(`${name} adapter`, () => {
    let stage: Stage;
    beforeEach(async () => {
      const simulator = await startSimulator(setup.dialect);
      const instance = await setup.create(simulator.url);
      const driver = drive(instance, { model: setup.model });
      const sent = () => simulator.requests.at(-1)?.body.toString("utf8") ?? "";
      stage = { simulator, instance, driver, setup, sent };
    });
    afterEach(async () => {
      await stage.simulator.close();
      expect(stage.simulator.problems).toEqual([]);
    });
    const register: Register = (title, run, skip) => {
      const reason = skip && setup.skips?.[skip];
      if (reason) it.skip(`${title} (${reason})`, () => {});
      else it(title, () => run(stage));
    };
    answers(register);
    tools(register);
    requests(register);
    usages(register);
    endings(register);
    failures(register);
    brokenBodies(register, setup);
    mutations(register);
    sideCalls(register);
  });
}
