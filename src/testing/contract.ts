import { deepEqual } from "node:assert/strict";
import { systemClock } from "../core/clock.ts";
import { answers, images, requests, usages } from "./answer-cases.ts";
import { drive } from "./drive.ts";
import { brokenBodies, endings, failures } from "./failure-cases.ts";
import { mutations } from "./mutation-cases.ts";
import { sideCalls } from "./side-call-cases.ts";
import { startSimulator } from "./simulator.ts";
import type { ContractSetup, Register, Stage } from "./stage.ts";
import { tools } from "./tool-cases.ts";

/** One thing an adapter has to do right. */
export interface ContractCase {
  readonly name: string;
  /** Why it does not apply; it then need not run. */
  readonly skip?: string;
  /** Resolves where it is right. @throws an AssertionError that says what is wrong, or what the adapter has thrown */
  run(): Promise<void>;
}

/**
 * The suite every adapter passes: real bytes from a strict local server, through the framer and the adapter, to
 * RipTide's words. The server checks what it is sent; a case fails when it found anything wrong. The cases are data,
 * for any test runner.
 */
export function adapterCases(setup: ContractSetup): readonly ContractCase[] {
  const cases: ContractCase[] = [];
  const register: Register = (name, run, feature) => {
    const skip = feature && setup.skips?.[feature];
    cases.push({ name, ...(skip !== undefined && { skip }), run: () => onStage(setup, run) });
  };
  for (const part of [answers, tools, requests, images, usages, endings, failures]) part(register);
  brokenBodies(register, setup);
  mutations(register);
  sideCalls(register);
  return cases;
}

/** On the loopback every case is over in a fraction of this. */
const LIMIT_MS = 10_000;

async function withinLimit(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const cancel = systemClock.timer(LIMIT_MS, () => late.reject(new Error(`not over after ${LIMIT_MS} ms`)));
  await Promise.race([work, late.promise]).finally(cancel);
}

async function played(
  setup: ContractSetup,
  simulator: Stage["simulator"],
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  const instance = await setup.create(simulator.url);
  const driver = drive(instance, { model: setup.model });
  const sent = () => simulator.requests.at(-1)?.body.toString("utf8") ?? "";
  await run({ simulator, instance, driver, setup, sent });
}

async function onStage(setup: ContractSetup, run: (stage: Stage) => Promise<void>): Promise<void> {
  const simulator = await startSimulator(setup.dialect);
  try {
    await withinLimit(played(setup, simulator, run));
  } finally {
    await simulator.close();
  }
  deepEqual(simulator.problems, [], "the server was sent what the vendor would refuse");
}
