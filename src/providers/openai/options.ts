import { z } from "zod";
import { addressField, fields, secretField } from "../fields.ts";

/** OpenAI's own keys in providers.yaml. */
export const openAiOptions = fields({
  api_key: secretField(),
  base_url: addressField().optional(),
  organization: z.string().min(1).optional(),
  project: z.string().min(1).optional(),
});
export type OpenAiOptions = z.infer<typeof openAiOptions>;

/** The keys of a server that speaks OpenAI's dialect. */
export const openAiCompatibleOptions = fields({
  base_url: addressField(),
  api_key: secretField().optional(),
  max_tokens_field: z.enum(["max_tokens", "max_completion_tokens"]).optional(),
});
export type OpenAiCompatibleOptions = z.infer<typeof openAiCompatibleOptions>;
