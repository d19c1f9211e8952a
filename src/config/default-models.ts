/** The model of a provider type that answers when nobody has named one: small, current and cheap. */
export const DEFAULT_MODELS = {
  openai: "gpt-4.1-mini",
  anthropic: "claude-haiku-4-5",
  bedrock: "amazon.nova-lite-v1:0",
  vertex: "gemini-2.5-flash",
} as const;
