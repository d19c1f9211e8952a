import { z } from "zod";
import { addressField, fields, secretField } from "../fields.ts";

/** An anthropic entry's own keys in providers.yaml. */
export const anthropicOptions = fields({
  api_key: secretField(),
  base_url: addressField().optional(),
  version: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "expected a date such as 2023-06-01")
    .optional(),
});
export type AnthropicOptions = z.infer<typeof anthropicOptions>;
