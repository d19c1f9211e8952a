import type { RiptideError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { CredentialContext } from "./credential-fetch.ts";
import type { LoadModule } from "./optional-package.ts";
import type { Renewable } from "./renewing.ts";

/** What a token is for: every service of Google Cloud that its owner may use. */
export const GOOGLE_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

export interface GoogleToken extends Renewable {
  readonly token: Secret;
  /** The project that is billed and whose quota counts, when it is not the token's own. */
  readonly quotaProject?: string;
}

/** A credentials file, read. Its fields hold secrets, so that no error may quote them. */
export interface CredentialsFile {
  readonly path: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** A field that has to be there. */
  text(field: string): string;
  invalid(problem: string): RiptideError;
}

export type TokenContext = CredentialContext & { readonly load?: LoadModule };
