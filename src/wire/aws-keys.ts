import { Secret } from "../core/secret.ts";
import type { CredentialContext } from "./credential-fetch.ts";
import type { LoadModule } from "./optional-package.ts";
import type { Renewing } from "./renewing.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  readonly expiresAtWallMs?: number;
}

export type AwsCredentialSource = Renewing<AwsCredentials>;

export interface AwsCredentialOptions extends CredentialContext {
  /** Keys from the provider's own configuration; nothing else is looked at. */
  readonly explicit?: AwsCredentials;
  /** Profile from the provider's own configuration; it goes before keys in the environment. */
  readonly profile?: string;
  /** Loads the AWS SDK's credential package for the ways in that RipTide has not itself. */
  readonly load?: LoadModule;
}

/** Credentials, or why this way gives none. */
type AwsCredentialsFound = AwsCredentials | string;
export type AwsCredentialStep = (
  options: AwsCredentialOptions,
  signal: AbortSignal,
) => Promise<AwsCredentialsFound>;

/** The three texts of a set of credentials, two of them kept from being printed. */
export const awsCredentials = (texts: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiresAtWallMs?: number | undefined;
}): AwsCredentials => ({
  accessKeyId: texts.accessKeyId,
  secretAccessKey: new Secret(texts.secretAccessKey),
  ...(texts.sessionToken && { sessionToken: new Secret(texts.sessionToken) }),
  ...(texts.expiresAtWallMs !== undefined && { expiresAtWallMs: texts.expiresAtWallMs }),
});

/** Keys that the configuration holds; the key's id is no secret to AWS, which wants it in the open. */
export const givenAwsCredentials = (given: {
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
}): AwsCredentials => ({
  accessKeyId: given.accessKeyId.reveal(),
  secretAccessKey: given.secretAccessKey,
  ...(given.sessionToken && { sessionToken: given.sessionToken }),
});
