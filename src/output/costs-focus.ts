import { formatTime } from "../core/clock.ts";
import { usdText } from "../core/money.ts";
import { spanOf } from "../core/period.ts";
import { type AttemptRow, lineCost } from "../store/line-reader.ts";
import type { Field } from "./costs-rows.ts";

/**
 * One attempt as a charge of the FinOps Open Cost and Usage Specification (FOCUS 1.2, column ids). What is billed is
 * what the price list says, so list, contracted, effective and billed cost are one amount; where no price is known they
 * are empty. Columns that begin with `x_` are ours.
 */
export const FOCUS_FIELDS: readonly Field<AttemptRow>[] = [
  ["BilledCost", costCell],
  ["BillingAccountId", ({ provider }) => provider],
  ["BillingAccountName", ({ provider }) => provider],
  ["BillingCurrency", () => "USD"],
  ["BillingPeriodStart", ({ startedMs }) => formatTime(month(startedMs).startMs)],
  ["BillingPeriodEnd", ({ startedMs }) => formatTime(month(startedMs).endMs)],
  ["ChargeCategory", () => "Usage"],
  ["ChargeClass", () => null],
  [
    "ChargeDescription",
    ({ class: kind, model, usageSource }) => `${kind} by ${model} (usage ${usageSource})`,
  ],
  ["ChargeFrequency", () => "Usage-Based"],
  ["ChargePeriodStart", ({ startedMs }) => formatTime(Number(startedMs))],
  // A period has a length: the end does not belong to it.
  [
    "ChargePeriodEnd",
    ({ startedMs, endedMs }) => formatTime(Math.max(Number(endedMs), Number(startedMs) + 1)),
  ],
  ["ConsumedQuantity", tokens],
  ["ConsumedUnit", () => "Tokens"],
  ["ContractedCost", costCell],
  ["EffectiveCost", costCell],
  ["InvoiceIssuerName", ({ provider }) => provider],
  ["ListCost", costCell],
  ["PricingCategory", () => "Standard"],
  ["PricingQuantity", tokens],
  ["PricingUnit", () => "Tokens"],
  ["ProviderName", ({ provider }) => provider],
  ["PublisherName", ({ provider }) => provider],
  ["ResourceId", ({ provider, model }) => `${provider}/${model}`],
  ["ResourceName", ({ model }) => model],
  ["ResourceType", () => "Model"],
  ["ServiceCategory", () => "AI and Machine Learning"],
  ["ServiceName", ({ provider }) => provider],
  ["ServiceSubcategory", () => "Generative AI"],
  ["SkuId", ({ provider, model }) => `${provider}/${model}`],
  ["SkuPriceId", ({ priceVersion }) => priceVersion],
  ["SubAccountId", ({ tenant }) => tenant],
  ["SubAccountName", ({ tenant }) => tenant],
  ["Tags", ({ tags }) => tags ?? "{}"],
  ["x_RequestId", ({ id }) => id],
  ["x_Attempt", ({ n }) => Number(n)],
  ["x_Alias", ({ alias }) => alias],
  ["x_Outcome", ({ outcome }) => outcome],
  ["x_InputTokens", ({ inputTokens }) => Number(inputTokens)],
  ["x_CacheReadTokens", ({ cacheReadTokens }) => Number(cacheReadTokens)],
  ["x_CacheWriteTokens", ({ cacheWriteTokens }) => Number(cacheWriteTokens)],
  ["x_OutputTokens", ({ outputTokens }) => Number(outputTokens)],
  ["x_ReasoningTokens", ({ reasoningTokens }) => Number(reasoningTokens)],
  ["x_UsageSource", ({ usageSource }) => usageSource],
];

function costCell(row: AttemptRow): string | null {
  const nano = lineCost(row);
  return nano === null ? null : usdText(nano);
}

function tokens({ inputTokens, outputTokens }: AttemptRow): number {
  return Number(inputTokens + outputTokens);
}

const month = (ms: bigint) => spanOf("month", Number(ms));
