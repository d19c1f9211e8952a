import { STRATEGIES } from "../config/config.ts";
import { parseMoney } from "../config/money.ts";
import { RiptideError } from "../core/errors.ts";
import { isTenantName, TENANT_NAME } from "../core/tenant.ts";
import type { Wishes } from "./dialects/dialect.ts";
import { type Exchange, headerOf } from "./http/exchange.ts";

/**
 * What the headers of a request wish, over what its body does.
 * @throws RiptideError `invalid_request`
 */
export function withHeaders(wishes: Wishes, exchange: Exchange): Wishes {
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = headerOf(exchange, name);
    return text === undefined ? undefined : parse(text);
  };
  const strategy = read("x-riptide-strategy", strategyOf) ?? wishes.route.strategy;
  const noFallback = read("x-riptide-fallback", isOff) ?? wishes.route.noFallback;
  return {
    ...wishes,
    route: { ...wishes.route, strategy, noFallback },
    id: read("x-riptide-request-id", idOf) ?? wishes.id,
    tenant: read("x-riptide-tenant", tenantOf) ?? wishes.tenant,
    timeoutMs: read("x-riptide-timeout-ms", millisecondsOf) ?? wishes.timeoutMs,
    maxCostNano: read("x-riptide-max-cost", costOf) ?? wishes.maxCostNano,
    idempotencyKey: read("idempotency-key", keyOf) ?? wishes.idempotencyKey,
    tags: { ...wishes.tags, ...read("x-riptide-tags", tagsOf) },
  };
}

/** The id the caller gives its request, where it is one; what is none is refused later. */
export function requestIdOf(exchange: Exchange): string | undefined {
  const text = headerOf(exchange, "x-riptide-request-id");
  return text !== undefined && REQUEST_ID.test(text) ? text : undefined;
}

const wrong = (header: string, wanted: string) =>
  new RiptideError("invalid_request", `the header ${header} wants ${wanted}`);

function strategyOf(text: string): (typeof STRATEGIES)[number] {
  const found = STRATEGIES.find((name) => name === text);
  if (!found) throw wrong("x-riptide-strategy", STRATEGIES.join(", "));
  return found;
}

function isOff(text: string): true {
  if (text !== "off") throw wrong("x-riptide-fallback", "off");
  return true;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

function idOf(text: string): string {
  if (!REQUEST_ID.test(text)) throw wrong("x-riptide-request-id", "1 to 128 letters, digits or . _ : -");
  return text;
}

function tenantOf(text: string): string {
  if (!isTenantName(text)) throw wrong("x-riptide-tenant", `a tenant: ${TENANT_NAME}`);
  return text;
}

function millisecondsOf(text: string): number {
  const ms = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (ms < 1) throw wrong("x-riptide-timeout-ms", "a whole number of milliseconds above 0");
  return ms;
}

function costOf(text: string): number {
  const nano = parseMoney(text);
  if (nano === undefined) throw wrong("x-riptide-max-cost", "an amount such as 0.05, $0.05 or 5c");
  return nano;
}

function keyOf(text: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw wrong("idempotency-key", "1 to 255 printable characters");
  return text;
}

const MAX_TAGS = 20;

function tagsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").map((pair) => /^\s*([\w.-]{1,64})=([^=,]{0,256})$/.exec(pair));
  if (pairs.length > MAX_TAGS || pairs.some((pair) => pair === null)) {
    throw wrong("x-riptide-tags", `up to ${MAX_TAGS} pairs, such as k=v,k=v`);
  }
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
