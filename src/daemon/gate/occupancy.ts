import type { Places } from "./places.ts";

/** How many requests of whom work now. */
export interface Occupancy {
  total(): number;
  /** How many there have ever been. */
  taken(): number;
  isTenantFull(tenant: string, places: Places): boolean;
  hasPlace(tenant: string, places: Places): boolean;
  take(tenant: string): void;
  free(tenant: string): void;
}

export function createOccupancy(): Occupancy {
  const working = new Map<string, number>();
  let total = 0;
  let taken = 0;
  const isTenantFull: Occupancy["isTenantFull"] = (tenant, { ofTenant }) =>
    ofTenant !== undefined && (working.get(tenant) ?? 0) >= ofTenant;
  return {
    total: () => total,
    taken: () => taken,
    isTenantFull,
    hasPlace: (tenant, places) => total < places.ofDaemon && !isTenantFull(tenant, places),
    take(tenant) {
      total += 1;
      taken += 1;
      working.set(tenant, (working.get(tenant) ?? 0) + 1);
    },
    free(tenant) {
      total -= 1;
      const left = (working.get(tenant) ?? 1) - 1;
      if (left === 0) working.delete(tenant);
      else working.set(tenant, left);
    },
  };
}
