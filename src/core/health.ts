/** What is known of a provider's condition (HM-1). `disabled` and `misconfigured` ones cannot be used. */
export type HealthState = "unknown" | "healthy" | "degraded" | "down" | "misconfigured" | "disabled";
