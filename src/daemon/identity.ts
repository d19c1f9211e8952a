import type { Config } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import { blockOf, DEFAULT_TENANT } from "../engine/tenant-rules.ts";
import { type Exchange, headerOf } from "./http/exchange.ts";
import type { TenantKeys } from "./tenant-keys.ts";

/** What a generation knows of its tenants. */
export interface Known {
  readonly generation: { readonly config: Pick<Config, "tenants"> };
  /** Absent where nobody has a key. */
  readonly keys?: TenantKeys | undefined;
}

type Caller = Pick<Exchange, "door" | "request">;

/**
 * Who a request is for (daemon.md, Identity). It fails closed: a tenant whose key is not known cannot be acted for.
 * @param named The tenant the caller says it is.
 * @throws RiptideError `tenant_key_invalid`
 */
export function identify(caller: Caller, named: string | undefined, known: Known): string {
  const { door } = caller;
  if (door.kind === "tenant") return door.tenant;
  const proven = provenTenant(caller, known.keys);
  if (proven !== undefined) {
    if (named === undefined || named === proven) return proven;
    throw invalid(`the key is not that of tenant ${named}`);
  }
  if (door.kind === "tcp") throw invalid("a tenant's key is wanted here");
  const tenant = named ?? DEFAULT_TENANT;
  if (blockOf(known.generation.config, tenant)?.key)
    throw invalid(`acting as tenant ${tenant} wants its key`);
  return tenant;
}

/**
 * Lets nobody in by TCP without a key, whatever is asked for, and no tenant have its way with the daemon itself.
 * @throws RiptideError `tenant_key_invalid`, `tenant_denied`
 */
export function admitAtDoor(exchange: Caller & Pick<Exchange, "method" | "path">, { keys }: Known): void {
  const { door, method, path } = exchange;
  if (door.kind === "main") return;
  if (door.kind === "tcp" && provenTenant(exchange, keys) === undefined) {
    throw invalid("a tenant's key is wanted here");
  }
  if (method === "POST" && path.startsWith("/riptide/v1/") && !OPEN_TO_TENANTS.has(path)) {
    throw new RiptideError("tenant_denied", "the daemon is controlled by its own socket alone");
  }
}

const OPEN_TO_TENANTS: ReadonlySet<string> = new Set([
  "/riptide/v1/complete",
  "/riptide/v1/embed",
  "/riptide/v1/route/explain",
]);

const invalid = (message: string) =>
  new RiptideError("tenant_key_invalid", message, {
    hint: "send it as authorization: Bearer KEY, or as x-api-key",
  });

/** The tenant whose key was sent. Each key is compared, so that the time taken does not tell which one it was. */
function provenTenant(caller: Caller, keys: TenantKeys | undefined): string | undefined {
  if (!keys || keys.size === 0) return undefined;
  const given = [bearerOf(headerOf(caller, "authorization")), headerOf(caller, "x-api-key")];
  let proven: string | undefined;
  for (const text of given) {
    if (!text) continue;
    for (const [tenant, key] of keys) if (key.equals(text)) proven ??= tenant;
  }
  return proven;
}

const bearerOf = (authorization: string | undefined) => /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
