/** The public library: a client with the command line's engine, and what provider plugins are written with. */
export type { Clock } from "./core/clock.ts";
export type {
  Completion,
  ContentPart,
  Effort,
  Finish,
  ImageMime,
  ModelFinish,
  Tool,
  ToolCall,
  ToolChoice,
} from "./core/completion.ts";
export type { Embedding, EmbeddingRequest } from "./core/embedding.ts";
export { type ErrorCode, type ErrorFacts, RiptideError } from "./core/errors.ts";
export type { StreamEvent } from "./core/events.ts";
export type { HealthState } from "./core/health.ts";
export type { Json, JsonObject } from "./core/json.ts";
export { type Resolved, Secret } from "./core/secret.ts";
export type { Usage } from "./core/usage.ts";
export type { Attempt, Skip, Timing } from "./engine/events.ts";
export type { StreamRecovery } from "./engine/operation.ts";
export type { HealthLevel, HealthReport, ProviderHealth } from "./health/report.ts";
export type { Dimension } from "./ledger/report.ts";
export type { Charge } from "./ledger/settlement.ts";
export type { ClientEvent, CompletionResponse, Cost, EmbeddingResponse } from "./library/answers.ts";
export type { CallOptions } from "./library/asks.ts";
export {
  type ClientOptions,
  type EmbedOptions,
  IntelligenceClient,
  type StreamOptions,
} from "./library/client.ts";
export type { BudgetSpending, CostsAsk, CostsReport, CostsRow } from "./library/costs.ts";
export type { HealthAsk } from "./library/health.ts";
export { ProviderConfig } from "./library/provider-config.ts";
export { LlmRegistry, type ProviderFactory } from "./library/registry.ts";
export { CompletionRequest, Message, type Parameters, type PlainRequest } from "./library/request.ts";
export type {
  Adapter,
  CountAdapter,
  EmbeddingAdapter,
  ModelListing,
  ModelsAdapter,
  ProbeAdapter,
  ProviderEmbeddingRequest,
  ProviderRequest,
  WireFailure,
} from "./providers/adapter.ts";
export { CAPABILITIES, type Capability, type ModelFacts } from "./providers/capabilities.ts";
export { failureOf, type VendorError, wrongShape } from "./providers/failure.ts";
export { addressField, durationField, fields, secretField } from "./providers/fields.ts";
export {
  definePlugin,
  type Plugin,
  type ProviderContext,
  type ProviderInstance,
  type ProviderOperation,
  type ProviderType,
} from "./providers/plugin.ts";
export {
  countAt,
  isObject,
  listAt,
  numberAt,
  parseJson,
  textAt,
  tryJson,
  valueAt,
} from "./providers/read.ts";
export { reportedUsage } from "./providers/usage.ts";
export type { StrategyName } from "./routing/strategy-name.ts";
export type { Frame, Framing } from "./wire/frame.ts";
export type {
  Authoriser,
  EndpointPolicy,
  Transport,
  WireReply,
  WireRequest,
  WireResponse,
} from "./wire/http.ts";
export { createUndiciTransport } from "./wire/transport-undici.ts";
