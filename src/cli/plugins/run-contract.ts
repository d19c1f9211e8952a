import { adapterCases, type ContractCase } from "../../testing/contract.ts";
import type { Contract } from "./contracts.ts";

/** How one case ended. */
export interface CaseResult {
  readonly name: string;
  readonly status: "pass" | "fail" | "skip";
  /** What is wrong, or why it does not apply. */
  readonly message: string | null;
}

/** Runs every case, one after the other. @throws what the signal is aborted with */
export async function runContract(contract: Contract, signal: AbortSignal): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of adapterCases(contract)) {
    signal.throwIfAborted();
    results.push(await resultOf(one));
  }
  return results;
}

async function resultOf({ name, skip, run }: ContractCase): Promise<CaseResult> {
  if (skip !== undefined) return { name, status: "skip", message: skip };
  try {
    await run();
    return { name, status: "pass", message: null };
  } catch (thrown) {
    return { name, status: "fail", message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
