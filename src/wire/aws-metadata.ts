import { parseTime } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { type AwsCredentialStep, type AwsCredentials, awsCredentials } from "./aws-keys.ts";
import {
  type CredentialContext,
  credentialRefused,
  fetchCredential,
  jsonObject,
  noCredentials,
  readOptionalFile,
} from "./credential-fetch.ts";
import type { WireRequest } from "./http.ts";
import { mayTakeSecrets } from "./secret-address.ts";

/** Both services are next door: a slow answer means that nobody is there. */
const TIMEOUT_MS = 2_000;

const CONTAINER = "AWS container credentials";
const CONTAINER_ORIGIN = "http://169.254.170.2";
/** Hosts of ECS and EKS that may be asked in plain http (SDKs and Tools Reference Guide, "Container provider"). */
const CONTAINER_HOSTS = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

/** The task role of ECS, or pod identity of EKS. */
export const containerCredentials: AwsCredentialStep = async (options, signal) => {
  const relative = options.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const address = relative
    ? `${CONTAINER_ORIGIN}${relative}`
    : options.environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!address) return "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set";
  const url = URL.parse(address);
  if (!url || !mayTakeSecrets(url, CONTAINER_HOSTS)) {
    throw new RiptideError(
      "config_invalid",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor the container's own address",
      { action: "next" },
    );
  }
  const token = await containerToken(options);
  const headers = token === undefined ? {} : { authorization: new Secret(token) };
  const request = { method: "GET", url: url.href, headers } as const;
  const reply = await fetchCredential(options, { what: CONTAINER, request, timeoutMs: TIMEOUT_MS }, signal);
  if (reply.status !== 200) throw credentialRefused(CONTAINER, reply);
  return credentialsOf(CONTAINER, reply.text);
};

async function containerToken({ environment, readFile }: CredentialContext): Promise<string | undefined> {
  const file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const token = file
    ? await readOptionalFile({ readFile }, file)
    : environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (file && token === undefined) throw noCredentials(`the container's token file ${file} does not exist`);
  return token?.trim() || undefined;
}

const INSTANCE = "AWS instance metadata";
const TOKEN_LIFE_S = 21_600;
const ROLES = "/latest/meta-data/iam/security-credentials/";

/** The role of an EC2 instance, by version 2 of its metadata service (EC2 User Guide, "Use IMDS"). */
export const instanceCredentials: AwsCredentialStep = async (options, signal) => {
  if (options.environment("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") {
    return "instance: AWS_EC2_METADATA_DISABLED is true";
  }
  const origin = instanceOrigin(options);
  const ask = (request: Omit<WireRequest, "url">, path: string) => {
    const call = { what: INSTANCE, request: { ...request, url: `${origin}${path}` }, timeoutMs: TIMEOUT_MS };
    return fetchCredential(options, call, signal);
  };
  try {
    const life = { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_LIFE_S) };
    const session = await ask({ method: "PUT", headers: life }, "/latest/api/token");
    if (session.status !== 200) return `instance: the metadata service answered ${session.status}`;
    const headers = { "x-aws-ec2-metadata-token": new Secret(session.text.trim()) };
    const roles = await ask({ method: "GET", headers }, ROLES);
    if (roles.status !== 200) return `instance: no role (${roles.status})`;
    const role = roles.text.trim().split("\n")[0] ?? "";
    const reply = await ask({ method: "GET", headers }, `${ROLES}${encodeURIComponent(role)}`);
    if (reply.status !== 200) throw credentialRefused(INSTANCE, reply);
    return credentialsOf(INSTANCE, reply.text);
  } catch (thrown) {
    if (thrown instanceof RiptideError && thrown.code === "connect_failed")
      return `instance: ${thrown.message}`;
    throw thrown;
  }
};

function instanceOrigin({ environment }: CredentialContext): string {
  const isIpv6 = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.toLowerCase() === "ipv6";
  const fixed = isIpv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  return (environment("AWS_EC2_METADATA_SERVICE_ENDPOINT") || fixed).replace(/\/+$/, "");
}

/** The shape both services answer with. */
function credentialsOf(what: string, text: string): AwsCredentials {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = jsonObject(text) ?? {};
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string" || typeof Token !== "string") {
    throw new RiptideError("protocol_error", `${what} gave an answer without keys`);
  }
  const expiresAtWallMs = typeof Expiration === "string" ? parseTime(Expiration) : undefined;
  return awsCredentials({
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiresAtWallMs,
  });
}
