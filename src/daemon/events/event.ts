import type { JsonObject } from "../../core/json.ts";

export const EVENT_TYPES = [
  "circuit",
  "hold",
  "health",
  "failover",
  "reload",
  "budget",
  "tenant",
  "lifecycle",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Something that happened in the daemon, as its readers get it: neither prompts, answers nor secrets. */
export interface DaemonEvent {
  /** Counts from 1 on, without a gap. */
  readonly seq: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly type: EventType;
  /** Members of its own, as they stand in the document. */
  readonly facts: JsonObject;
}
