import { DEFAULT_TENANT, HEALTH_TENANT } from "../../engine/tenant-rules.ts";
import type { Generations } from "../generations.ts";

/** Words for labels out of what callers and providers say: only what is configured is told apart. */
export interface Labels {
  tenant(name: string): string;
  model(provider: string, model: string): string;
}

const OTHER = "other";

/** Made anew for each generation, so that a request costs no more than a look into a set. */
export function createLabels(generations: Pick<Generations, "current">): Labels {
  let number = 0;
  let tenants: ReadonlySet<string> = new Set();
  let targets: ReadonlySet<string> = new Set();
  const look = () => {
    const current = generations.current();
    if (current.number === number) return;
    const { config, table } = current.generation;
    tenants = new Set([DEFAULT_TENANT, HEALTH_TENANT, ...Object.keys(config.tenants.list)]);
    targets = new Set(table.providers.flatMap(({ id, models }) => models.map((model) => `${id}/${model}`)));
    number = current.number;
  };
  return {
    tenant(name) {
      look();
      return tenants.has(name) ? name : OTHER;
    },
    model(provider, model) {
      look();
      return targets.has(`${provider}/${model}`) ? model : OTHER;
    },
  };
}
