import { RiptideError } from "../core/errors.ts";
import { type AwsCredentialOptions, type AwsCredentials, awsCredentials } from "./aws-keys.ts";
import { loadOptionalPackage } from "./optional-package.ts";

const PACKAGE = "@aws-sdk/credential-provider-node";

/** The part of the package that is used: `defaultProvider`. */
type DefaultProvider = (init: object) => () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: { getTime(): number };
}>;

/** What the SDK would say on its own goes nowhere: standard error is RipTide's. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Single sign-on, roles, programs and web identities, by the AWS SDK if it is installed. */
export async function sdkCredentials(
  { load }: Pick<AwsCredentialOptions, "load">,
  { profile, neededBy }: { readonly profile?: string; readonly neededBy: string },
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const { defaultProvider } = await loadOptionalPackage(
    { name: PACKAGE, neededBy, missing: "secret_missing" },
    load,
  );
  signal.throwIfAborted();
  const provide = defaultProvider as DefaultProvider; // The package's documented export.
  try {
    const found = await provide({ ...(profile !== undefined && { profile }), logger: SILENT })();
    return awsCredentials({ ...found, expiresAtWallMs: found.expiration?.getTime() });
  } catch (thrown) {
    // Its message may quote what a credential_process printed, so only the error's name is kept.
    const name = thrown instanceof Error ? thrown.name : "unknown error";
    throw new RiptideError("auth_failed", `${neededBy} gave no credentials (${name})`, {
      hint: `try \`aws sts get-caller-identity${profile === undefined ? "" : ` --profile ${profile}`}\``,
    });
  }
}
