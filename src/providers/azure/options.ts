import { z } from "zod";
import { addressField, fields, secretField } from "../fields.ts";

/** Azure OpenAI's own keys in providers.yaml. */
export const azureOptions = fields({
  endpoint: addressField(),
  api_key: secretField().optional(),
  auth: z.literal("entra").optional(),
  api_version: z
    .string()
    .regex(
      /^(\d{4}-\d{2}-\d{2}(-preview)?|v1|preview)$/,
      "expected a version such as 2024-10-21, or no version",
    )
    .optional(),
  deployments: z.record(z.string().min(1), z.string().min(1)).optional(),
}).refine(
  ({ apiKey, auth }) => (apiKey === undefined) !== (auth === undefined),
  "give either api_key or auth: entra",
);
export type AzureOptions = z.infer<typeof azureOptions>;
