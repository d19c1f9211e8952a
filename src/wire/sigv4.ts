import { createHash, createHmac } from "node:crypto";
import { type Clock, formatTime } from "../core/clock.ts";
import { Secret } from "../core/secret.ts";
import type { AwsCredentialSource, AwsCredentials } from "./aws-keys.ts";
import type { Authoriser, RequestHeaders, WireRequest } from "./http.ts";

export interface SigningScope {
  readonly region: string;
  /** The signing name, such as `bedrock`. */
  readonly service: string;
}

/**
 * The request with the headers of AWS Signature Version 4 (AWS documentation, "Signature Version 4 signing
 * process"). The path is encoded once more for signing than it is on the wire, as every service but S3 wants.
 */
export function signV4(
  request: WireRequest,
  options: SigningScope & { readonly credentials: AwsCredentials; readonly wallMs: number },
): WireRequest {
  const { credentials, region, service, wallMs } = options;
  const url = new URL(request.url);
  const time = formatTime(wallMs).replace(/[-:]|\.\d+/g, "");
  const payloadHash = sha256(request.body ?? "");
  const headers: RequestHeaders = {
    ...request.headers,
    "x-amz-content-sha256": payloadHash,
    "x-amz-date": time,
    ...(credentials.sessionToken && { "x-amz-security-token": credentials.sessionToken }),
  };
  const signed = signedHeaders(url.host, headers);
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    canonicalPath(url.pathname),
    canonicalQuery(url.searchParams),
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    payloadHash,
  ].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey.reveal()}`);
  const signature = hmac(key, toSign).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...request, headers: { ...headers, authorization: new Secret(authorization) } };
}

/** Signs every request with the credentials of the moment; a refusal makes it ask for new ones. */
export function createSigV4Authoriser(
  options: SigningScope & { readonly credentials: AwsCredentialSource; readonly clock: Clock },
): Authoriser {
  const { credentials: source, clock, region, service } = options;
  return {
    async authorise(request, signal) {
      const credentials = await source.get(signal);
      return signV4(request, { credentials, region, service, wallMs: clock.wall() });
    },
    rejected: (authorisedAtMs) => source.rejected(authorisedAtMs),
  };
}

/** Headers that no proxy on the way changes. */
const SIGNED = ["content-type", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

function signedHeaders(host: string, headers: RequestHeaders): readonly (readonly [string, string])[] {
  const present = SIGNED.flatMap((name) => {
    const value = headers[name];
    if (value === undefined) return [];
    const text = typeof value === "string" ? value : value.reveal();
    return [[name, text.trim().replace(/\s+/g, " ")] as const];
  });
  return [...present, ["host", host] as const].sort(byText(([name]) => name));
}

/** Empty segments are dropped: services normalise the path before they check it. */
function canonicalPath(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  const end = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${segments.map(encode).join("/")}${end}`;
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(byText(([name, value]) => `${name}\0${value}`))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** `encodeURIComponent`, which leaves five characters alone that RFC 3986 reserves. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** By code unit: a locale's order would differ between machines. */
const byText =
  <T>(key: (item: T) => string) =>
  (a: T, b: T) =>
    key(a) < key(b) ? -1 : 1;

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
