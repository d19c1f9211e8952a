import { RiptideError } from "../../core/errors.ts";
import { type Resolved, Secret } from "../../core/secret.ts";
import type { Authoriser } from "../../wire/http.ts";
import { originOf } from "../origin.ts";
import { definePlugin, type ProviderContext, type ProviderType } from "../plugin.ts";
import type { BedrockOptions } from "./options.ts";

const bedrockType: ProviderType<BedrockOptions> = {
  aliases: ["aws_bedrock"],
  operations: ["complete", "stream", "embed", "list models", "count tokens"],
  authentication: "SigV4 or bearer",
  options: async () => (await import("./options.ts")).bedrockOptions,
  async create(options, context) {
    const region = regionOf(options, context);
    const { bedrockAdapter } = await import("./adapter.ts");
    const runtime = originOf(options.endpoint ?? `https://bedrock-runtime.${region}.${domainOf(region)}`);
    const control = originOf(options.controlEndpoint ?? `https://bedrock.${region}.${domainOf(region)}`);
    return {
      adapter: bedrockAdapter({ runtime, control }),
      baseUrl: runtime,
      authoriser: await authoriserOf(options, context, region),
    };
  },
};

/** Models of many vendors on AWS. */
export const bedrock = definePlugin({ apiVersion: 1, types: { bedrock: bedrockType } });

/** China is a partition of its own. */
const domainOf = (region: string) => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");

function regionOf(options: Resolved<BedrockOptions>, { id, environment }: ProviderContext): string {
  const region = options.region ?? environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION");
  if (region && /^[a-z0-9-]+$/.test(region)) return region;
  throw new RiptideError("config_invalid", `provider "${id}" has no AWS region`, {
    hint: `set region under providers.${id}, or AWS_REGION`,
  });
}

/** The order of the AWS SDKs: what the entry names, the bearer token of the environment, the chain of keys. */
async function authoriserOf(
  options: Resolved<BedrockOptions>,
  context: ProviderContext,
  region: string,
): Promise<Authoriser> {
  const { accessKeyId, secretAccessKey, sessionToken, bearerToken, profile } = options;
  if (bearerToken) return bearerAuthoriser(bearerToken);
  const fromEnvironment = context.environment("AWS_BEARER_TOKEN_BEDROCK");
  if (fromEnvironment && !accessKeyId && !profile) return bearerAuthoriser(new Secret(fromEnvironment));
  const [{ createSigV4Authoriser }, { awsCredentialSource }, { givenAwsCredentials }] = await Promise.all([
    import("../../wire/sigv4.ts"),
    import("../../wire/aws-credentials.ts"),
    import("../../wire/aws-keys.ts"),
  ]);
  const { clock, environment, readFile, credentialTransport: transport } = context;
  const explicit =
    accessKeyId && secretAccessKey && givenAwsCredentials({ accessKeyId, secretAccessKey, sessionToken });
  const credentials = awsCredentialSource({
    ...{ environment, readFile, transport, clock },
    ...(explicit && { explicit }),
    ...(profile !== undefined && { profile }),
  });
  return createSigV4Authoriser({ credentials, region, service: "bedrock", clock });
}

const bearerAuthoriser = (token: Secret): Authoriser => ({
  authorise: async (request) => ({
    ...request,
    headers: { ...request.headers, authorization: token.prefixed("Bearer ") },
  }),
});
