import { isIP } from "node:net";
import { RiptideError } from "../core/errors.ts";
import type { EndpointPolicy } from "./http.ts";

type Kind = "public" | "loopback" | "private" | "metadata";

/** Ranges that are not the public internet (IANA special-purpose registries); the first match counts. */
const RANGES: readonly (readonly [range: string, kind: Kind])[] = [
  ["127.0.0.0/8", "loopback"],
  ["::1/128", "loopback"],
  ["169.254.0.0/16", "metadata"],
  ["fe80::/10", "metadata"],
  ["fd00:ec2::/32", "metadata"],
  ["0.0.0.0/8", "private"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "private"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "private"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "private"],
  ["224.0.0.0/3", "private"],
  ["::/128", "private"],
  ["64:ff9b:1::/48", "private"],
  ["fc00::/7", "private"],
  ["fec0::/10", "private"],
  ["ff00::/8", "private"],
];

/** IPv6 ranges that carry an IPv4 address, and how far from the right it stands: NAT64, compatible, 6to4. */
const CARRIERS: readonly (readonly [range: string, shift: bigint])[] = [
  ["64:ff9b::/96", 0n],
  ["::/96", 0n],
  ["2002::/16", 80n],
];

const METADATA_NAMES: readonly string[] = ["metadata.google.internal", "metadata.goog"];

/**
 * Refuses a request's URL that the policy does not allow (H-5, H-6). Names are judged again when they are
 * looked up; an IP literal only here, because Node looks up no literal in any spelling.
 *
 * @throws RiptideError `config_invalid`
 */
export function checkEndpoint(url: string, policy: EndpointPolicy): void {
  const parsed = parse(url);
  const host = hostOf(parsed);
  if (parsed.username || parsed.password) refuse(parsed, "holds a user name or a password");
  const kind = isIP(host) ? kindOf(host) : kindOfName(host);
  const problem = kind === "loopback" ? undefined : problemOf(kind, policy);
  if (problem) refuse(parsed, problem);
  const mayBePlain = kind === "loopback" || kind === "metadata" || policy.allowPrivate;
  if (parsed.protocol === "http:" && !mayBePlain)
    refuse(
      parsed,
      "is plain http, which would send the key unencrypted",
      "use https, or allow_private: true",
    );
}

/**
 * Refuses a base URL of the configuration that {@link checkEndpoint} refuses, or that has a query or a fragment.
 *
 * @throws RiptideError `config_invalid`
 */
export function checkBaseUrl(url: string, policy: EndpointPolicy): void {
  const parsed = parse(url);
  if (/[?#]/.test(url)) refuse(parsed, "has a query or a fragment");
  checkEndpoint(url, policy);
}

/**
 * Why a looked-up address must not be used for a host, or undefined. Loopback belongs to the names that mean
 * it and to no other, so that a stranger's DNS cannot point at this machine.
 */
export function addressProblem(host: string, address: string, policy: EndpointPolicy): string | undefined {
  if (!isIP(address)) return "is not an address";
  const kind = kindOf(address);
  const namesLoopback = kindOfName(host) === "loopback";
  if (namesLoopback && kind === "public" && !policy.allowPrivate) return "is not this machine";
  if (kind === "loopback" && !namesLoopback && !policy.allowPrivate) return "is this machine";
  return problemOf(kind, policy);
}

/** The host of a URL as Node connects to it: no brackets, no final dots. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "").replace(/\.+$/, "");

function parse(url: string): URL {
  const parsed = URL.parse(url);
  if (!parsed) throw new RiptideError("config_invalid", "an endpoint is not a URL");
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:")
    refuse(parsed, "is neither https nor http");
  if (hostOf(parsed) === "") refuse(parsed, "has no host");
  return parsed;
}

/** Names only scheme and host: the rest of a refused URL may hold a secret. */
function refuse(url: URL, problem: string, hint?: string): never {
  const message = `the endpoint ${url.protocol}//${url.host} ${problem}`;
  throw new RiptideError("config_invalid", message, hint === undefined ? {} : { hint });
}

function problemOf(kind: Kind, policy: EndpointPolicy): string | undefined {
  if (kind === "metadata" && !policy.allowMetadata) return "is a link-local or metadata address";
  if (kind === "private" && !policy.allowPrivate)
    return "is a private address (allow_private: true permits it)";
  return undefined;
}

function kindOfName(host: string): Kind {
  const name = host.toLowerCase().replace(/\.+$/, "");
  if (isIP(name)) return kindOf(name);
  if (name === "localhost" || name.endsWith(".localhost")) return "loopback";
  return METADATA_NAMES.includes(name) ? "metadata" : "public";
}

function kindOf(address: string): Kind {
  const bits = bitsOf(address);
  const direct = RANGES.find(([range]) => isWithin(bits, range));
  if (direct) return direct[1];
  const carrier = CARRIERS.find(([range]) => isWithin(bits, range));
  return carrier ? kindOf(mapped((bits >> carrier[1]) & 0xffff_ffffn)) : "public";
}

function isWithin(bits: bigint, range: string): boolean {
  const [base = "", length = ""] = range.split("/");
  const host = (base.includes(":") ? 128n : 32n) - BigInt(length);
  return bits >> host === bitsOf(base) >> host;
}

/** An address as 128 bits; IPv4 in its mapped form, so that `::ffff:10.0.0.1` is 10.0.0.1. */
function bitsOf(address: string): bigint {
  const text = address.replace(/%.*$/, "");
  if (!text.includes(":")) return (0xffffn << 32n) | bitsOfV4(text);
  const [left = "", right] = text.split("::");
  const head = groupsOf(left);
  const tail = right === undefined ? [] : groupsOf(right);
  const gap = Array<bigint>(Math.max(0, 8 - head.length - tail.length)).fill(0n);
  return [...head, ...gap, ...tail].reduce((bits, group) => (bits << 16n) | group, 0n);
}

const bitsOfV4 = (text: string) => text.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);

function groupsOf(text: string): bigint[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [BigInt(`0x${group}`)];
    const bits = bitsOfV4(group);
    return [bits >> 16n, bits & 0xffffn];
  });
}

const mapped = (v4: bigint) => `::ffff:${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
