/** How the candidates of a request are ordered (FB-3). */
export type StrategyName = "sequential" | "lowest-cost" | "fastest-first" | "round-robin" | "health-based";
