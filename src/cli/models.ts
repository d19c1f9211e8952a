import { asRiptideError, RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Generation, LoadedProvider } from "../engine/generation.ts";
import { createLister, type Listed } from "../engine/model-list.ts";
import { createPriceBook, type PriceBook } from "../ledger/price-book.ts";
import { toSnake } from "../output/json.ts";
import { oneLine } from "../output/sanitise.ts";
import { CAPABILITIES, type Capability } from "../providers/capabilities.ts";
import { type Target, targetText } from "../routing/target.ts";
import type { Call, Run } from "./command.ts";
import { printDocument, printTable } from "./print.ts";
import { providerNamed } from "./providers.ts";
import { generationOf, readConfig } from "./session.ts";
import { listOf, timeoutOf, wordOf } from "./values.ts";

interface ModelRow extends Target {
  readonly contextTokens: number | null;
  readonly maxOutputTokens: number | null;
  readonly capabilities: readonly Capability[];
  readonly priced: boolean;
}

/** `riptide models list` */
export const list: Run = async (call) => {
  const generation = generationOf(await readConfig(call), call.io);
  const wanted = providersAsked(call, generation);
  const capability = wordOf(call.given, "capability", CAPABILITIES);
  const targets = call.given.has("refresh")
    ? await refreshed(call, generation, wanted)
    : configured(generation);
  const chosen = targets.filter(({ provider }) => wanted.includes(provider));
  const rows = await Promise.all(chosen.map((target) => describe(target, generation, priceAsk(call))));
  const models = rows.filter(
    ({ capabilities }) => capability === undefined || capabilities.includes(capability),
  );
  await print(call, aliasesOf(generation), models);
  return 0;
};

/** `riptide models show MODEL` */
export const show: Run = async (call) => {
  const generation = generationOf(await readConfig(call), call.io);
  const [name] = call.given.words;
  if (name === undefined) throw new RiptideError("usage", "which model?", { hint: "riptide models list" });
  const aliases = aliasesOf(generation).filter((alias) => alias.name === name);
  const targets = configured(generation).filter(
    (target) =>
      target.model === name ||
      targetText(target) === name ||
      aliases.some((alias) => alias.targets.includes(targetText(target))),
  );
  if (aliases.length + targets.length === 0) throw unknown(name, generation);
  await print(
    call,
    aliases,
    await Promise.all(targets.map((target) => describe(target, generation, priceAsk(call)))),
  );
  return 0;
};

const aliasesOf = ({ config }: Generation) =>
  Object.entries(config.aliases).map(([name, { strategy, targets }]) => ({
    name,
    strategy,
    targets: targets.map(targetText),
  }));

/** Every model the configuration names, in its order. */
function configured({ table }: Generation): readonly Target[] {
  return table.providers.flatMap(({ id, models }) => models.map((model) => ({ provider: id, model })));
}

/** The providers `-P` names, else all that are enabled. @throws RiptideError `usage` for an unknown one. */
function providersAsked({ given }: Call, { config }: Generation): readonly string[] {
  const asked = given.value("provider");
  if (asked !== undefined) return listOf(asked).map((name) => providerNamed(name, config).id);
  return config.providers.filter(({ enabled, implicit }) => enabled && !implicit).map(({ id }) => id);
}

async function refreshed(
  call: Call,
  generation: Generation,
  wanted: readonly string[],
): Promise<readonly Target[]> {
  const { io } = call;
  const lister = createLister(generation, { clock: io.clock, signal: io.signal });
  const timeoutMs = timeoutOf(call) ?? generation.config.timeouts.healthMs;
  const found = await Promise.all(wanted.map((id) => lister.list(id, timeoutMs)));
  const failed = found.filter(({ error }) => error !== undefined);
  // With nothing to show, the failure is the result.
  if (failed.length > 0 && failed.length === found.length) throw noList(failed);
  for (const { provider, error } of failed)
    await io.stderr.write(`warning: ${provider}: ${oneLine(error?.message ?? "")}\n`);
  return found.flatMap(({ provider, models }) => models.map((model) => ({ provider, model })));
}

/** Why not one provider gave its list. */
function noList(failed: readonly Listed[]): RiptideError {
  const errors = failed.map(({ error }) => asRiptideError(error));
  const [first, ...others] = errors;
  const reasons = failed.map(({ provider, error }) => `${provider}: ${error?.message}`);
  if (first && others.length === 0) return new RiptideError(first.code, reasons.join(), first.facts);
  const isShared = first && others.every(({ code }) => code === first.code);
  return new RiptideError(isShared ? first.code : "all_providers_failed", "no provider listed its models", {
    reasons,
    hint: "riptide providers list",
  });
}

async function describe(
  target: Target,
  generation: Generation,
  prices: PriceAsk | undefined,
): Promise<ModelRow> {
  const loaded = await generation.provider(target.provider).catch(() => undefined);
  const facts = loaded?.facts(target.model);
  return {
    ...target,
    contextTokens: facts?.contextTokens ?? null,
    maxOutputTokens: facts?.maxOutputTokens ?? null,
    capabilities: facts ? CAPABILITIES.filter((word) => facts.supports.has(word)) : [],
    priced: loaded !== undefined && prices !== undefined && (await isPriced(target, loaded, prices)),
  };
}

async function isPriced(
  { model }: Target,
  { entry, isFree }: LoadedProvider,
  { book, atMs }: PriceAsk,
): Promise<boolean> {
  const asked = { providerType: entry.type, model, isFree, overrides: entry.prices };
  return (await book.priceOf(asked, atMs)).price !== null;
}

interface PriceAsk {
  readonly book: PriceBook;
  readonly atMs: number;
}

/** The price data is large, and only the document says what is priced. */
const priceAsk = ({ io, format }: Call): PriceAsk | undefined =>
  format === "json" ? { book: createPriceBook(undefined), atMs: io.clock.wall() } : undefined;

async function print(
  call: Call,
  aliases: ReturnType<typeof aliasesOf>,
  models: readonly ModelRow[],
): Promise<void> {
  if (call.format === "json")
    return printDocument(call, toSnake({ schema: "riptide.models/1", aliases, models }));
  if (aliases.length > 0) {
    await printTable(
      call,
      [{ head: "alias" }, { head: "strategy" }, { head: "targets" }],
      aliases.map(({ name, strategy, targets }) => [name, strategy, targets.join(" ")]),
    );
    await call.io.stdout.write("\n");
  }
  await printTable(
    call,
    [
      { head: "model" },
      { head: "context", align: "right" },
      { head: "max output", align: "right" },
      { head: "capabilities" },
    ],
    models.map((row) => [
      targetText(row),
      String(row.contextTokens ?? "-"),
      String(row.maxOutputTokens ?? "-"),
      row.capabilities.join(" "),
    ]),
  );
}

function unknown(name: string, generation: Generation): RiptideError {
  const known = [
    ...aliasesOf(generation).map((alias) => alias.name),
    ...configured(generation).flatMap((t) => [t.model, targetText(t)]),
  ];
  const near = nearest(name, known);
  return new RiptideError("usage", `unknown alias or model "${name}"`, {
    reasons: near ? [`did you mean "${near}"?`] : [],
    hint: "riptide models list",
  });
}
