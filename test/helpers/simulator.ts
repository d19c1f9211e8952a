/** The local server that plugin authors test with is the one of this suite, too. */
export type * from "../../src/testing/scenario.ts";
export * from "../../src/testing/simulator.ts";
