import type { CompletionRequest, Tool } from "../core/completion.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { ProviderInstance } from "../providers/plugin.ts";
import type { Driver } from "./drive.ts";
import type { Answer, Dialect, Failure } from "./scenario.ts";
import type { Simulator } from "./simulator.ts";

/** What an adapter may be unable to do; each is left out only with a reason. */
export type ContractFeature =
  | "reasoning"
  | "tools"
  | "parallel tools"
  | "forced tool"
  | "schema"
  | "image bytes"
  | "image url"
  | "sampling"
  | "cached usage"
  | "usage missing"
  | "filter"
  | "in-band error"
  | "stranger"
  | "no marker"
  | "embeddings"
  | "models"
  | "count"
  | "refused probe"
  | `${Failure["failure"]} failure`;

/** How an adapter is put to the test. */
export interface ContractSetup {
  /** The vendor's side, as its documentation describes it. */
  readonly dialect: Dialect;
  /** A model that can do all the adapter can do. */
  readonly model: string;
  /** What the vendor's API calls it, where that is another name. */
  readonly wireModel?: string;
  /** Where embeddings need another model. */
  readonly embeddingModel?: string;
  /** Makes the provider, pointed at a local server: `createFrom` does it from an entry of providers.yaml. */
  create(simulatorUrl: string): Promise<ProviderInstance>;
  /** Why a case does not apply. */
  readonly skips?: Readonly<Partial<Record<ContractFeature, string>>>;
  /** Codes that differ from the usual ones, because the vendor sends the same for several causes. */
  readonly failureCodes?: Readonly<Partial<Record<Failure["failure"], ErrorCode>>>;
  /** The vendor sends no wait with a rate limit. */
  readonly noRetryAfter?: boolean;
  /** The vendor finds out by itself what kind of image it gets. */
  readonly noImageType?: boolean;
  /** The code of the dialect's in-band error; `overloaded` unless given. */
  readonly inBandCode?: ErrorCode;
}

export interface Stage {
  readonly simulator: Simulator;
  readonly instance: ProviderInstance;
  readonly driver: Driver;
  readonly setup: ContractSetup;
  /** The latest request's body as text. */
  sent(): string;
}

export type Register = (name: string, run: (stage: Stage) => Promise<void>, skip?: ContractFeature) => void;

export const TOKENS = ["Tide ", "turns ", "at ", "noon", " 🌊🏄🏽", " – voilà", "."];
export const TEXT = TOKENS.join("");
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const IMAGE_URL = "https://images.example/harbour.png";
export const weather: Tool = {
  name: "weather_at",
  description: "The weather at a place.",
  parameters: {
    type: "object",
    properties: { place_name: { type: "string" } },
    required: ["place_name"],
    additionalProperties: false,
  },
};
export const ask = (more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  messages: [
    { role: "system", content: "Answer briefly." },
    { role: "user", content: "When does the tide turn?" },
  ],
  maxTokens: 256,
  ...more,
});
export const usage = { input: 40, output: 9 };
export const text: Answer = { kind: "answer", tokens: TOKENS, usage };
export const calls = [
  { id: "call_a1", name: "weather_at", arguments: { place_name: "Brest – Porz Gwenn" } },
  { id: "call_b2", name: "weather_at", arguments: { place_name: "Vigo", deep: { list: [1, 2, "drei"] } } },
] as const;
