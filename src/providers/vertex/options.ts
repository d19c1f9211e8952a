import { z } from "zod";
import { addressField, fields, secretField } from "../fields.ts";

/** A vertex entry's own keys in providers.yaml. */
export const vertexOptions = fields({
  project: z.string().min(1),
  location: z
    .string()
    .regex(/^[a-z0-9-]+$/, "expected a location such as global, eu or us-central1")
    .optional(),
  credentials_file: z.string().min(1).optional(),
  access_token: secretField().optional(),
  endpoint: addressField().optional(),
});
export type VertexOptions = z.infer<typeof vertexOptions>;
