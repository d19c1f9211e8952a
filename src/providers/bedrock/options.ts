import { z } from "zod";
import { addressField, fields, secretField } from "../fields.ts";

/** A bedrock entry's own keys in providers.yaml; without keys the credential chain of the AWS SDKs is used. */
export const bedrockOptions = fields({
  region: z
    .string()
    .regex(/^[a-z]{2}[a-z0-9-]+$/, "expected a region such as eu-central-1")
    .optional(),
  access_key_id: secretField().optional(),
  secret_access_key: secretField().optional(),
  session_token: secretField().optional(),
  bearer_token: secretField().optional(),
  profile: z.string().min(1).optional(),
  endpoint: addressField().optional(),
  control_endpoint: addressField().optional(),
})
  .refine(
    ({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined),
    "access_key_id and secret_access_key go together",
  )
  .refine(
    ({ accessKeyId, sessionToken }) => sessionToken === undefined || accessKeyId !== undefined,
    "session_token needs access_key_id and secret_access_key",
  )
  .refine(
    ({ accessKeyId, bearerToken, profile }) =>
      [accessKeyId, bearerToken, profile].filter((given) => given !== undefined).length <= 1,
    "give only one of access_key_id, bearer_token and profile",
  );
export type BedrockOptions = z.infer<typeof bedrockOptions>;
