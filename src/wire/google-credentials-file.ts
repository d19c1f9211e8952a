import { sign } from "node:crypto";
import { RiptideError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { credentialRefused, fetchCredential, jsonObject } from "./credential-fetch.ts";
import { externalToken } from "./google-library.ts";
import { type CredentialsFile, GOOGLE_SCOPE, type GoogleToken, type TokenContext } from "./google-types.ts";
import { mayTakeSecrets } from "./secret-address.ts";

type TokenFetcher = (
  file: CredentialsFile,
  context: TokenContext,
  signal: AbortSignal,
) => Promise<GoogleToken>;

const TOKEN_URI = "https://oauth2.googleapis.com/token";
const WHAT = "the Google token service";
const TIMEOUT_MS = 10_000;
/** The longest life Google grants an assertion. */
const ASSERTION_LIFE_S = 3_600;

/** Signs an assertion with the account's key and exchanges it for a token (RFC 7523). */
const serviceAccount: TokenFetcher = (file, context, signal) => {
  const assertion = signedAssertion(file, context.clock.wall());
  const grant = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  return exchange({ file, grant }, context, signal);
};

/** The refresh token that `gcloud auth application-default login` left. */
const authorizedUser: TokenFetcher = (file, context, signal) => {
  const grant = {
    grant_type: "refresh_token",
    client_id: file.text("client_id"),
    client_secret: file.text("client_secret"),
    refresh_token: file.text("refresh_token"),
  };
  return exchange({ file, grant }, context, signal);
};

/** How a token comes from a credentials file, by the file's `type`. */
export const TOKEN_FETCHERS: ReadonlyMap<string, TokenFetcher> = new Map([
  ["service_account", serviceAccount],
  ["authorized_user", authorizedUser],
  ["external_account", externalToken],
  ["external_account_authorized_user", externalToken],
  ["impersonated_service_account", externalToken],
]);

async function exchange(
  { file, grant }: { readonly file: CredentialsFile; readonly grant: Record<string, string> },
  context: TokenContext,
  signal: AbortSignal,
): Promise<GoogleToken> {
  const request = {
    method: "POST",
    url: tokenUri(file).href,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(grant).toString(),
  } as const;
  const reply = await fetchCredential(context, { what: WHAT, request, timeoutMs: TIMEOUT_MS }, signal);
  if (reply.status !== 200) throw credentialRefused(WHAT, reply);
  return tokenOf(WHAT, reply.text, context.clock.wall());
}

/** The reply of RFC 6749, section 5.1, which the metadata server gives too. */
export function tokenOf(what: string, text: string, wallMs: number): GoogleToken {
  const { access_token: token, expires_in: seconds } = jsonObject(text) ?? {};
  if (typeof token !== "string" || token === "" || typeof seconds !== "number") {
    throw new RiptideError("protocol_error", `${what} gave an answer without a token`);
  }
  return { token: new Secret(token), expiresAtWallMs: wallMs + seconds * 1_000 };
}

/** Who may write the file names the address, but never one that sends the secrets in the clear. */
function tokenUri(file: CredentialsFile): URL {
  const given = file.json.token_uri;
  const url = URL.parse(typeof given === "string" && given !== "" ? given : TOKEN_URI);
  if (!url || !mayTakeSecrets(url)) {
    throw file.invalid('"token_uri" is not an https address');
  }
  return url;
}

function signedAssertion(file: CredentialsFile, wallMs: number): string {
  const issuedAt = Math.floor(wallMs / 1_000);
  const keyId = file.json.private_key_id;
  const header = { alg: "RS256", typ: "JWT", ...(typeof keyId === "string" && { kid: keyId }) };
  const claims = {
    iss: file.text("client_email"),
    scope: GOOGLE_SCOPE,
    aud: tokenUri(file).href,
    iat: issuedAt,
    exp: issuedAt + ASSERTION_LIFE_S,
  };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${signature(file, text)}`;
}

function signature(file: CredentialsFile, text: string): string {
  const key = file.text("private_key");
  try {
    return sign("RSA-SHA256", Buffer.from(text), key).toString("base64url");
  } catch {
    // The cause is not kept: whatever it says, it says about a private key.
    throw file.invalid('"private_key" is not an RSA key in PEM form');
  }
}
