/** Who waits, in the order in which they are let in (TA-5). */
export interface FairQueue<T extends Waiter> {
  size(): number;
  sizeOf(tenant: string): number;
  add(waiter: T): void;
  /** False where it no longer waits. */
  remove(waiter: T): boolean;
  /** Takes out whoever is next of those that may go. */
  take(mayGo: (waiter: T) => boolean): T | undefined;
  /** Takes out everybody. */
  clear(): readonly T[];
}

export interface Waiter {
  readonly tenant: string;
  /** Lower goes first. */
  readonly priority: number;
}

/**
 * First come, first served within a tenant; between tenants the lower priority number first, and turn by turn where
 * it is the same. A turn is one request: all cost the same, so that the deficit of round-robin is always nothing.
 */
export function createFairQueue<T extends Waiter>(): FairQueue<T> {
  const levels = new Map<number, Ring<T>>();
  const counts = new Map<string, number>();
  let size = 0;

  const count = (tenant: string, by: 1 | -1) => {
    size += by;
    const left = (counts.get(tenant) ?? 0) + by;
    if (left === 0) counts.delete(tenant);
    else counts.set(tenant, left);
  };

  return {
    size: () => size,
    sizeOf: (tenant) => counts.get(tenant) ?? 0,
    add(waiter) {
      const ring: Ring<T> = levels.get(waiter.priority) ?? new Map();
      levels.set(waiter.priority, ring);
      const line = ring.get(waiter.tenant);
      if (line) line.push(waiter);
      else ring.set(waiter.tenant, [waiter]);
      count(waiter.tenant, 1);
    },
    remove(waiter) {
      const ring = levels.get(waiter.priority);
      const line = ring?.get(waiter.tenant);
      const at = line?.indexOf(waiter) ?? -1;
      if (!ring || !line || at < 0) return false;
      line.splice(at, 1);
      if (line.length === 0) ring.delete(waiter.tenant);
      if (ring.size === 0) levels.delete(waiter.priority);
      count(waiter.tenant, -1);
      return true;
    },
    take(mayGo) {
      for (const priority of [...levels.keys()].sort((a, b) => a - b)) {
        const taken = takeTurn(levels.get(priority), mayGo);
        if (!taken) continue;
        if (levels.get(priority)?.size === 0) levels.delete(priority);
        count(taken.tenant, -1);
        return taken;
      }
      return undefined;
    },
    clear() {
      const all = [...levels.values()].flatMap((ring) => [...ring.values()].flat());
      levels.clear();
      counts.clear();
      size = 0;
      return all;
    },
  };
}

/** The tenants of one priority, whose turn is next first. */
type Ring<T> = Map<string, T[]>;

/** A tenant that had its turn goes behind the others. */
function takeTurn<T>(ring: Ring<T> = new Map(), mayGo: (waiter: T) => boolean): T | undefined {
  for (const [tenant, line] of ring) {
    const [first, ...rest] = line;
    if (first === undefined || !mayGo(first)) continue;
    ring.delete(tenant);
    if (rest.length > 0) ring.set(tenant, rest);
    return first;
  }
  return undefined;
}
