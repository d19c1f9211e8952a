/** `riptide/testing`: the suite that provider plugins are held to, for any test runner. */
export { adapterCases, type ContractCase } from "./contract.ts";
export { contextFor, createFrom, type Driver, drive } from "./drive.ts";
export type {
  Answer,
  Delivery,
  Dialect,
  Failure,
  Raw,
  Received,
  Rendered,
  Scenario,
} from "./scenario.ts";
export { type Simulator, startSimulator } from "./simulator.ts";
export type { ContractFeature, ContractSetup } from "./stage.ts";
