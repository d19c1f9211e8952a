import { z } from "zod";
import { addressField, fields, secretField } from "../fields.ts";

/** Ollama's own keys in providers.yaml. */
export const ollamaOptions = fields({
  base_url: addressField().optional(),
  api_key: secretField().optional(),
  /** How long a model stays loaded: `5m`, a number of seconds, or -1 for ever. */
  keep_alive: z.union([z.string().min(1), z.number()]).optional(),
  /** Runner settings sent with every request, such as `num_ctx`. */
  options: z.record(z.string(), z.json()).optional(),
});
export type OllamaOptions = z.infer<typeof ollamaOptions>;
