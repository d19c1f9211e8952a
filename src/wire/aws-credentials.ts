import type { RiptideError } from "../core/errors.ts";
import {
  type AwsCredentialOptions,
  type AwsCredentialSource,
  type AwsCredentialStep,
  type AwsCredentials,
  awsCredentials,
} from "./aws-keys.ts";
import { containerCredentials, instanceCredentials } from "./aws-metadata.ts";
import { profileCredentials } from "./aws-profile.ts";
import { sdkCredentials } from "./aws-sdk-credentials.ts";
import { noCredentials } from "./credential-fetch.ts";
import { renewing } from "./renewing.ts";

/**
 * Credentials by the chain of the AWS SDKs: given keys, environment, shared files, web identity, container,
 * instance. Held until shortly before they expire.
 */
export function awsCredentialSource(options: AwsCredentialOptions): AwsCredentialSource {
  return renewing((signal) => findCredentials(options, signal), options.clock);
}

async function findCredentials(options: AwsCredentialOptions, signal: AbortSignal): Promise<AwsCredentials> {
  if (options.explicit) return options.explicit;
  const reasons: string[] = [];
  for (const step of options.profile === undefined ? CHAIN : CHAIN_OF_PROFILE) {
    const found = await step(options, signal);
    if (typeof found !== "string") return found;
    reasons.push(found);
  }
  throw nothingFound(reasons);
}

const environmentKeys: AwsCredentialStep = async ({ environment }) => {
  const accessKeyId = environment("AWS_ACCESS_KEY_ID");
  const secretAccessKey = environment("AWS_SECRET_ACCESS_KEY");
  if (!accessKeyId || !secretAccessKey) {
    return `environment: ${accessKeyId ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"} is not set`;
  }
  return awsCredentials({ accessKeyId, secretAccessKey, sessionToken: environment("AWS_SESSION_TOKEN") });
};

const webIdentity: AwsCredentialStep = async (options, signal) => {
  if (!options.environment("AWS_WEB_IDENTITY_TOKEN_FILE"))
    return "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set";
  return sdkCredentials(options, { neededBy: "a web identity (AWS_WEB_IDENTITY_TOKEN_FILE)" }, signal);
};

const CHAIN: readonly AwsCredentialStep[] = [
  environmentKeys,
  profileCredentials,
  webIdentity,
  containerCredentials,
  instanceCredentials,
];
const CHAIN_OF_PROFILE = CHAIN.filter((step) => step !== environmentKeys);

const nothingFound = (reasons: readonly string[]): RiptideError =>
  noCredentials("no AWS credentials were found", {
    reasons,
    hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or run `aws configure`",
  });
