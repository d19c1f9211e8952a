import { z } from "zod";
import { CAPABILITIES } from "../../providers/capabilities.ts";
import { fields, secretField } from "../../providers/fields.ts";
import { breaker } from "./reliability.ts";
import { countField, limitField, modelKey, moneyField, shareField, textField } from "./values.ts";

const headerName = () =>
  z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { message: "expected the name of an HTTP header" });

const timeouts = () =>
  fields({
    attempt: limitField().optional(),
    connect: limitField().optional(),
    first_token: limitField().optional(),
  })
    .prefault({})
    .transform((given) => ({
      attemptMs: given.attempt,
      connectMs: given.connect,
      firstTokenMs: given.firstToken,
    }));

const price = () =>
  fields({
    input: moneyField(),
    output: moneyField(),
    cached_input: moneyField().optional(),
    cache_write: moneyField().optional(),
  }).transform((given) => ({
    inputNano: given.input,
    outputNano: given.output,
    cachedInputNano: given.cachedInput,
    cacheWriteNano: given.cacheWrite,
  }));

const modelOverride = () =>
  fields({
    context_window: countField().optional(),
    max_output: countField().optional(),
    supports: z.array(z.enum(CAPABILITIES)).optional(),
  });

/** What is promised of a provider or alias. */
export const slo = () =>
  fields({
    success: shareField().optional(),
    first_token_p95: limitField().optional(),
    total_p95: limitField().optional(),
  }).transform((given) => ({
    success: given.success,
    firstTokenP95Ms: given.firstTokenP95,
    totalP95Ms: given.totalP95,
  }));

const commonShape = () => ({
  type: textField(),
  enabled: z.boolean().default(true),
  priority: z.int().min(0).max(1_000_000).default(100),
  tags: z.array(textField()).default([]),
  headers: z.record(headerName(), secretField()).default({}),
  ca_file: textField().optional(),
  allow_private: z.boolean().default(false),
  max_concurrent: countField().optional(),
  timeouts: timeouts(),
  circuit_breaker: breaker().optional(),
  health: fields({
    probe: z.enum(["free", "completion", "off"]).default("free"),
    model: textField().optional(),
  }).prefault({}),
  prices: z.record(modelKey(), price()).default({}),
  models: z.record(modelKey(), modelOverride()).default({}),
  default_model: textField().optional(),
  slo: slo().optional(),
});

/** The keys every provider entry has, whatever its type. */
export const providerCommon = () => fields(commonShape());
