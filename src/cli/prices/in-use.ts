import type { Config, ProviderEntry } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { DAY_MS } from "../../core/period.ts";
import { declaredModels } from "../../engine/generation.ts";
import { createPriceBook, type PriceBook } from "../../ledger/price-book.ts";
import type { PriceRow } from "../../output/prices.ts";
import type { Registry } from "../../providers/registry.ts";
import type { Target } from "../../routing/target.ts";
import type { Database } from "../../store/database.ts";
import { priceMemory, usedModels } from "../../store/prices.ts";
import type { Call } from "../command.ts";
import { hasLedger, openLedger } from "../open-ledger.ts";
import { readConfig } from "../session.ts";

/** A model that was used this lately counts as in use. */
const USED_WITHIN_MS = 30 * DAY_MS;

/** What the commands about prices work with. */
export interface PriceDesk {
  readonly config: Config;
  /** Undefined where nothing was ever recorded: to look at prices makes no file. */
  readonly database: Database | undefined;
  priceOf(target: Target): Promise<PriceRow>;
}

/** Opens prices as this call's configuration and ledger have them. */
export async function withPrices<T>(call: Call, work: (desk: PriceDesk) => Promise<T>): Promise<T> {
  const loaded = await readConfig(call);
  const { config } = loaded;
  const database = hasLedger(config, call.io) ? await openLedger(config, call.io) : undefined;
  try {
    return await work(deskOf(call, loaded, database));
  } finally {
    database?.close();
  }
}

/** The same for a ledger that is open. */
export function deskOf(
  call: Call,
  { config, registry }: Pick<LoadedConfig, "config" | "registry">,
  database: Database | undefined,
): PriceDesk {
  const book = createPriceBook(database && priceMemory(database));
  const nowMs = call.io.clock.wall();
  return { config, database, priceOf: (target) => rowOf(target, config, { book, nowMs, registry }) };
}

async function rowOf(
  { provider, model }: Target,
  { providers }: Config,
  {
    book,
    nowMs,
    registry,
  }: { readonly book: PriceBook; readonly nowMs: number; readonly registry: Registry },
): Promise<PriceRow> {
  const entry = providers.find(({ id }) => id === provider);
  const type = entry?.type ?? "";
  const isFree = registry.find(type)?.type.free === true;
  const asked = { providerType: type, model, isFree, overrides: entry?.prices ?? {} };
  const priced = await book.priceOf(asked, nowMs);
  return { provider, model, priced };
}

/**
 * The prices of all models in use, in the order of the configuration: those it names, and those that providers it
 * still has were paid for lately.
 */
export async function pricesInUse(
  call: Call,
  { config, database, priceOf }: PriceDesk,
): Promise<readonly PriceRow[]> {
  const used = database ? usedModels(database, call.io.clock.wall() - USED_WITHIN_MS) : [];
  const aliased = Object.values(config.aliases).flatMap(({ targets }) => targets);
  const targets = config.providers
    .filter(({ enabled }) => enabled)
    .flatMap((entry) =>
      modelsOf(entry, [...aliased, ...used]).map((model) => ({ provider: entry.id, model })),
    );
  return Promise.all(targets.map(priceOf));
}

function modelsOf(entry: ProviderEntry, others: readonly Target[]): readonly string[] {
  const named = others.filter(({ provider }) => provider === entry.id).map(({ model }) => model);
  // A price may be given for many models at once; such a pattern is no model.
  const declared = entry.implicit ? [] : declaredModels(entry);
  return [...new Set([...declared, ...named])].filter((model) => !model.includes("*"));
}
