import { z } from "zod";
import { fields } from "../../providers/fields.ts";
import type { BreakerSettings, Timeouts } from "../config.ts";
import { BREAKER_PRESETS, TIMEOUT_PRESETS } from "../presets.ts";
import { ONE_PARSE } from "./one-parse.ts";
import { countField, limitField, shareField } from "./values.ts";

// Object.keys widens the names to string.
const names = <Table extends object>(table: Table) =>
  z.enum(Object.keys(table) as [keyof Table & string, ...(keyof Table & string)[]]);

const timeoutKeys = () => ({
  completion: limitField().optional(),
  embedding: limitField().optional(),
  health: limitField().optional(),
  stream_idle: limitField().optional(),
  stream_max: limitField().optional(),
  max: limitField().optional(),
  strict: z.boolean().optional(),
});

const timeoutMap = () => fields({ preset: names(TIMEOUT_PRESETS).optional(), ...timeoutKeys() });

/** A preset's name, or a map of values that win over its preset. */
export const timeouts = () =>
  z
    .union([names(TIMEOUT_PRESETS), timeoutMap()])
    .prefault("default")
    .transform((given): Timeouts => {
      const own = typeof given === "string" ? { preset: given } : given;
      const base = timeoutMap().parse(TIMEOUT_PRESETS[own.preset ?? "default"], ONE_PARSE);
      return { ...inMs(base), ...inMs(own) } as Timeouts; // A preset names every value.
    });

function inMs(given: z.output<ReturnType<typeof timeoutMap>>): Partial<Timeouts> {
  return present({
    completionMs: given.completion,
    embeddingMs: given.embedding,
    healthMs: given.health,
    streamIdleMs: given.streamIdle,
    streamMaxMs: given.streamMax,
    maxMs: given.max,
    strict: given.strict,
  });
}

const breakerMap = () =>
  fields({
    preset: names(BREAKER_PRESETS).optional(),
    failure_threshold: countField().optional(),
    failure_window_secs: z.int().min(1).max(3_600).optional(),
    min_request_threshold: countField().optional(),
    recovery_timeout_secs: z.int().min(1).max(3_600).optional(),
    max_repair_attempts: z.int().min(0).max(1).optional(),
    success_rate_threshold: shareField().optional(),
    half_open_max_requests: z.int().min(1).max(100).optional(),
  });

/** What one `circuit_breaker` block says itself: all values of a preset if it names one, and its own. */
export const breaker = () =>
  z.union([names(BREAKER_PRESETS), breakerMap()]).transform((given): Partial<BreakerSettings> => {
    const own = typeof given === "string" ? { preset: given } : given;
    const base = own.preset ? settings(breakerMap().parse(BREAKER_PRESETS[own.preset], ONE_PARSE)) : {};
    return { ...base, ...settings(own) };
  });

/** The block over the default preset. */
export const installationBreaker = () =>
  breaker()
    .prefault("default")
    .transform((own): BreakerSettings => {
      const base = settings(breakerMap().parse(BREAKER_PRESETS.default, ONE_PARSE));
      return { ...base, ...own } as BreakerSettings; // A preset names every value.
    });

function settings(given: z.output<ReturnType<typeof breakerMap>>): Partial<BreakerSettings> {
  return present({
    failureThreshold: given.failureThreshold,
    failureWindowMs: seconds(given.failureWindowSecs),
    minRequestThreshold: given.minRequestThreshold,
    recoveryTimeoutMs: seconds(given.recoveryTimeoutSecs),
    maxRepairAttempts: given.maxRepairAttempts,
    successRateThreshold: given.successRateThreshold,
    halfOpenMaxRequests: given.halfOpenMaxRequests,
  });
}

const seconds = (value: number | undefined) => (value === undefined ? undefined : value * 1_000);

function present<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof T]?: Exclude<T[Key], undefined> }; // Only absent keys went.
}

export const failover = () =>
  fields({
    repair: z.enum(["first", "last", "never"]).default("first"),
    on: z.array(z.enum(["content_filter"])).default([]),
    replay: z.enum(["allow", "never"]).default("allow"),
    on_cancel: z.enum(["abort", "drain"]).default("abort"),
    max_attempts: z.int().min(1).max(20).default(4),
    retry_budget: fields({
      ratio: shareField().default(0.2),
      floor: z.int().min(0).default(10),
    }).prefault({}),
  }).prefault({});

export const health = () =>
  fields({
    interval: limitField().prefault("30s"),
    fall: countField().default(3),
    rise: countField().default(2),
  })
    .prefault({})
    .transform(({ interval, fall, rise }) => ({ intervalMs: interval, fall, rise }));
