import type { LoadedConfig } from "../../config/load.ts";
import { DAY_MS } from "../../core/period.ts";
import type { Price } from "../../ledger/price.ts";
import type { Database } from "../../store/database.ts";
import { usedModels } from "../../store/prices.ts";
import type { Call } from "../command.ts";
import { deskOf } from "../prices/in-use.ts";

/** What the targets of all aliases, and all models used since then, cost today, by `provider/model`. */
export async function pricesToday(
  call: Call,
  loaded: Pick<LoadedConfig, "config" | "registry">,
  database: Database,
  sinceMs: number,
): Promise<ReadonlyMap<string, Price | null>> {
  const desk = deskOf(call, loaded, database);
  const aliased = Object.values(loaded.config.aliases).flatMap(({ targets }) => targets);
  // The sums are kept by day, and the first day may have begun before.
  const targets = new Map(
    [...aliased, ...usedModels(database, sinceMs - DAY_MS)].map((target) => [
      `${target.provider}/${target.model}`,
      target,
    ]),
  );
  const rows = await Promise.all([...targets.values()].map(desk.priceOf));
  return new Map(rows.map(({ provider, model, priced }) => [`${provider}/${model}`, priced.price]));
}
