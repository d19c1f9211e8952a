import type { Config } from "../config/config.ts";
import type { Secret, SecretSource } from "../core/secret.ts";

/** The keys of those tenants that have one. */
export type TenantKeys = ReadonlyMap<string, Secret>;

/**
 * Resolves the keys of all tenants of a configuration, where a generation is built.
 * @param resolve Reads one source (config/secrets.ts); the path says where it stands in the file.
 * @throws RiptideError `secret_missing`, `unsafe_permissions`: without its key nobody could act as that tenant
 */
export async function tenantKeys(
  { tenants }: Pick<Config, "tenants">,
  resolve: (source: SecretSource, owner: string, path: readonly string[]) => Promise<Secret>,
): Promise<TenantKeys> {
  const entries = Object.entries(tenants.list).map(async ([tenant, { key }]) => {
    const path = ["tenants", "list", tenant, "key"];
    return key ? ([[tenant, await resolve(key, `tenant ${tenant}`, path)]] as const) : [];
  });
  return new Map((await Promise.all(entries)).flat());
}
