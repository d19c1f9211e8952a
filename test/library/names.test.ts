import { expectTypeOf, it } from "vitest";
import type {
  Adapter,
  Attempt,
  BudgetSpending,
  CallOptions,
  Charge,
  CompletionResponse,
  CostsAsk,
  CostsReport,
  CountAdapter,
  Dimension,
  EmbeddingAdapter,
  HealthAsk,
  HealthLevel,
  HealthReport,
  ModelListing,
  ModelsAdapter,
  ProviderEmbeddingRequest,
  ProviderHealth,
  ProviderInstance,
  ProviderOperation,
  ProviderType,
  StrategyName,
  StreamOptions,
  StreamRecovery,
  Timing,
} from "../../src/index.ts";

it("has a name for each part of what a program says and is given", () => {
  expectTypeOf<CompletionResponse["timing"]>().toEqualTypeOf<Timing>();
  expectTypeOf<CompletionResponse["attempts"][number]>().toEqualTypeOf<Attempt>();
  expectTypeOf<NonNullable<Attempt["charge"]>>().toEqualTypeOf<Charge>();
  expectTypeOf<CostsReport["budgets"][number]>().toEqualTypeOf<BudgetSpending>();
  expectTypeOf<NonNullable<CostsAsk["by"]>[number]>().toEqualTypeOf<Dimension>();
  expectTypeOf<NonNullable<CallOptions["strategy"]>>().toEqualTypeOf<StrategyName>();
  expectTypeOf<NonNullable<StreamOptions["streamRecovery"]>>().toEqualTypeOf<StreamRecovery>();
  expectTypeOf<NonNullable<HealthAsk["level"]>>().toEqualTypeOf<HealthLevel>();
  expectTypeOf<HealthReport["providers"][number]>().toEqualTypeOf<ProviderHealth>();
});

it("has a name for each part of a plugin", () => {
  expectTypeOf<NonNullable<Adapter["count"]>>().toEqualTypeOf<CountAdapter>();
  expectTypeOf<Parameters<EmbeddingAdapter["toWire"]>[0]>().toEqualTypeOf<ProviderEmbeddingRequest>();
  expectTypeOf<ReturnType<ModelsAdapter["fromWire"]>["models"][number]>().toEqualTypeOf<ModelListing>();
  expectTypeOf<ProviderType["operations"][number]>().toEqualTypeOf<ProviderOperation>();
  expectTypeOf<Awaited<ReturnType<ProviderType["create"]>>>().toEqualTypeOf<ProviderInstance>();
});
