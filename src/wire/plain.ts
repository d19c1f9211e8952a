import { RiptideError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { checkEndpoint } from "./address.ts";
import type { EndpointPolicy, ResponseHeaders, WireRequest } from "./http.ts";
import type { Head, PlainRequest } from "./link.ts";

/** Addresses that one transport has found to be allowed: a provider has few, and they are asked again and again. */
export type KnownAddresses = Map<string, URL>;

/** Of more, as where each request names a document of its own, the oldest are forgotten. */
const MAX_KNOWN = 256;

/**
 * Checks a request and reveals its secrets: the last step before the wire. No compression is asked for, since
 * it would hold back a stream's tokens to save bytes that cost nothing.
 *
 * @throws RiptideError `config_invalid` for an endpoint the policy refuses, `invalid_request` for a header
 */
export function plainRequest(
  request: WireRequest,
  policy: EndpointPolicy,
  known: KnownAddresses = new Map(),
): PlainRequest {
  const url = known.get(request.url) ?? allowed(request.url, policy, known);
  const given = Object.entries(request.headers).map(([name, value]) => [name, plainValue(name, value)]);
  return {
    method: request.method,
    url,
    headers: { host: url.host, "accept-encoding": "identity", ...Object.fromEntries(given) },
    body: typeof request.body === "string" ? Buffer.from(request.body) : request.body,
  };
}

function allowed(address: string, policy: EndpointPolicy, known: KnownAddresses): URL {
  checkEndpoint(address, policy);
  const url = new URL(address);
  const [oldest] = known.size < MAX_KNOWN ? [] : known.keys();
  if (oldest !== undefined) known.delete(oldest);
  known.set(address, url);
  return url;
}

/** Nothing but RFC 9110 field characters: a line break would begin a header of its own (H-8). */
function plainValue(name: string, value: string | Secret): string {
  const plain = typeof value === "string" ? value : value.reveal();
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
    throw new RiptideError("invalid_request", `${JSON.stringify(name)} is not a header name`);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(plain))
    throw new RiptideError("invalid_request", `the header ${name} holds a character that no header may hold`);
  return plain;
}

/** Repeated headers become one, joined by a comma and a space. */
export function joinHeaders(headers: Head["headers"]): ResponseHeaders {
  const joined = Object.entries(headers).map(([name, value = ""]) => [
    name.toLowerCase(),
    typeof value === "string" ? value : value.join(", "),
  ]);
  return Object.fromEntries(joined);
}
