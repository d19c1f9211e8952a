/** The public library: what provider plugins and programs that speak to providers directly build on. */
export type {
  CompletionRequest,
  ContentPart,
  Message,
  Tool,
  ToolCall,
  ToolChoice,
} from "./core/completion.ts";
export { type ErrorCode, type ErrorFacts, RiptideError } from "./core/errors.ts";
export type { StreamEvent } from "./core/events.ts";
export { Secret } from "./core/secret.ts";
export type { Usage } from "./core/usage.ts";
export type { Adapter, ProviderRequest } from "./providers/adapter.ts";
export type { Capability, ModelFacts } from "./providers/capabilities.ts";
export {
  definePlugin,
  type Plugin,
  type ProviderContext,
  type ProviderInstance,
  type ProviderType,
} from "./providers/plugin.ts";
export type { Frame } from "./wire/frame.ts";
export type { EndpointPolicy, Transport, WireReply, WireRequest, WireResponse } from "./wire/http.ts";
export { createUndiciTransport } from "./wire/transport-undici.ts";
