import type { Clock } from "../../core/clock.ts";
import type { EndpointPolicy, Transport } from "../../wire/http.ts";

/** Open connections, and how they end. */
export interface Pool {
  readonly transport: Transport;
  /** Closes what is idle at once, and the rest when its answer ends. */
  close(): Promise<void>;
  /** Closes everything at once. */
  destroy(): void;
}

/** The connections of a process, which generations share where they may do the same (HR-6). */
export interface Pools {
  /** The pools of one generation. */
  lease(): PoolLease;
}

export interface PoolLease {
  /** The connections of this policy: those that are open already, where another generation has the same. */
  transport(policy: EndpointPolicy): Transport;
  /** The policies it has asked for; a certificate in one is part of it. */
  policies(): readonly string[];
  /** Another generation serves: after 300 s the connections only older ones use are closed, whatever they do. */
  retire(): void;
  /** Nobody uses this generation any more. */
  close(): Promise<void>;
}

/** An answer may take that long after its configuration was replaced (HR-5). */
const MAX_RETIREMENT_MS = 300_000;

interface Shared extends Pool {
  readonly users: Set<PoolLease>;
}

export function createPools(open: (policy: EndpointPolicy) => Pool, clock: Clock): Pools {
  const pools = new Map<string, Shared>();
  const leave = (lease: PoolLease, key: string, end: "close" | "destroy"): unknown => {
    const pool = pools.get(key);
    if (!pool?.users.delete(lease) || pool.users.size > 0) return undefined;
    pools.delete(key);
    return pool[end]();
  };
  return {
    lease() {
      const used = new Set<string>();
      let cancelRetirement = () => {};
      const lease: PoolLease = {
        transport(policy) {
          const key = JSON.stringify(policy);
          const pool = pools.get(key) ?? { ...open(policy), users: new Set() };
          pools.set(key, pool);
          pool.users.add(lease);
          used.add(key);
          return pool.transport;
        },
        policies: () => [...used],
        retire() {
          cancelRetirement = clock.timer(MAX_RETIREMENT_MS, () => {
            for (const key of used) leave(lease, key, "destroy");
          });
        },
        async close() {
          cancelRetirement();
          await Promise.all([...used].map((key) => leave(lease, key, "close")));
        },
      };
      return lease;
    },
  };
}
