import type { Paint } from "../output/style.ts";

export const STATE_PAINTS: Readonly<Record<string, Paint>> = {
  closed: "green",
  half_open: "yellow",
  open: "red",
};

export const HEALTH_PAINTS: Readonly<Record<string, Paint>> = {
  healthy: "green",
  degraded: "yellow",
  down: "red",
  misconfigured: "red",
};
