import { RiptideError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { type CredentialsFile, GOOGLE_SCOPE, type GoogleToken, type TokenContext } from "./google-types.ts";
import { loadOptionalPackage } from "./optional-package.ts";

/** The part of google-auth-library that is used. */
type GoogleAuth = new (options: {
  readonly credentials: object;
  readonly scopes: readonly string[];
}) => {
  getClient(): Promise<{
    getAccessToken(): Promise<{ readonly token?: string | null }>;
    readonly credentials?: { readonly expiry_date?: number | null };
  }>;
};

/** Federated and impersonated identities, by Google's own library if it is installed. */
export async function externalToken(
  file: CredentialsFile,
  { load }: TokenContext,
  signal: AbortSignal,
): Promise<GoogleToken> {
  const neededBy = `${file.path} (type ${file.text("type")})`;
  const { GoogleAuth } = await loadOptionalPackage(
    { name: "google-auth-library", neededBy, missing: "config_invalid" },
    load,
  );
  signal.throwIfAborted();
  const Auth = GoogleAuth as GoogleAuth; // The package's documented export.
  const token = await fetchToken(Auth, file);
  signal.throwIfAborted();
  return token;
}

async function fetchToken(Auth: GoogleAuth, file: CredentialsFile): Promise<GoogleToken> {
  const refused = (reason: string) =>
    new RiptideError("auth_failed", `google-auth-library got no token for ${file.path} (${reason})`);
  try {
    const client = await new Auth({ credentials: file.json, scopes: [GOOGLE_SCOPE] }).getClient();
    const { token } = await client.getAccessToken();
    if (!token) throw refused("no reason given");
    const expiresAtWallMs = client.credentials?.expiry_date;
    return { token: new Secret(token), ...(expiresAtWallMs && { expiresAtWallMs }) };
  } catch (thrown) {
    if (thrown instanceof RiptideError) throw thrown;
    // The library's messages and causes may hold the request, with tokens in it: only the name is kept.
    throw refused(thrown instanceof Error ? thrown.name : "unknown error");
  }
}
