import type { ProviderEntry } from "../config/config.ts";
import { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import type { Generation } from "../engine/generation.ts";
import { describeProvider } from "../engine/provider-report.ts";
import { toSnake } from "../output/json.ts";
import type { Call, Run } from "./command.ts";
import { knownTypes } from "./configured.ts";
import { hasLedger } from "./open-ledger.ts";
import { printDocument, printTable } from "./print.ts";
import { documentOf, generationOf, readConfig, sessionOf } from "./session.ts";

/** `riptide providers list` */
export const list: Run = async (call) => {
  const { engine } = sessionOf(call, await readConfig(call));
  const { config } = engine.generation;
  const remembers = hasLedger(config, call.io);
  const entries = config.providers.filter(({ implicit }) => !implicit);
  const rows = await Promise.all(entries.map((entry) => describeProvider(entry, engine, remembers)));
  if (call.format === "json") {
    await printDocument(call, toSnake({ schema: "riptide.providers/1", providers: rows }));
    return 0;
  }
  await printTable(
    call,
    [{ head: "provider" }, { head: "type" }, { head: "status" }, { head: "address" }, { head: "models" }],
    rows.map((row) => [row.name, row.type, row.status, row.baseUrl ?? "-", row.models.join(" ") || "-"]),
  );
  return 0;
};

/** `riptide providers show NAME`: its entry in the words of the file, with every default. */
export const show: Run = async (call) => {
  const loaded = await readConfig(call, { useCache: false });
  const generation = generationOf(loaded, call.io);
  const { id } = entryNamed(call, generation);
  const { showConfig, treeText } = await import("../config/show.ts");
  const { tree } = await showConfig({
    document: documentOf(loaded),
    file: undefined,
    registry: loaded.registry,
    effective: true,
  });
  const { [id]: entry = null } = tree.providers as JsonObject; // Loading has checked the block.
  if (call.format === "json") {
    const session = sessionOf(call, loaded);
    const row = await describeProvider(
      entryNamed(call, generation),
      session.engine,
      hasLedger(generation.config, call.io),
    );
    await printDocument(call, {
      ...(toSnake({ schema: "riptide.provider/1", ...row }) as JsonObject),
      entry,
    });
  } else {
    await call.io.stdout.write(call.io.redactor.redact(treeText({ [id]: entry })));
  }
  return 0;
};

/** `riptide providers types` */
export const types: Run = async (call) => {
  const registry = await knownTypes(call);
  const rows = registry.names.map((name) => {
    const type = registry.find(name)?.type;
    return {
      name,
      aliases: type?.aliases ?? [],
      operations: type?.operations ?? [],
      authentication: type?.authentication ?? "",
    };
  });
  if (call.format === "json") {
    await printDocument(call, toSnake({ schema: "riptide.provider_types/1", types: rows }));
    return 0;
  }
  await printTable(
    call,
    [{ head: "type" }, { head: "aliases" }, { head: "operations" }, { head: "authentication" }],
    rows.map((row) => [row.name, row.aliases.join(", "), row.operations.join(", "), row.authentication]),
  );
  return 0;
};

/** The provider a command names. @throws RiptideError `usage` */
export function entryNamed({ given }: Call, { config }: Generation): ProviderEntry {
  const [name] = given.words;
  const known = config.providers.map(({ id }) => id);
  if (name === undefined)
    throw new RiptideError("usage", "which provider?", {
      reasons: [`known: ${known.join(", ")}`],
      hint: "riptide providers list",
    });
  return providerNamed(name, config);
}

/** The entry of that name. @throws RiptideError `usage` */
export function providerNamed(name: string, { providers }: Generation["config"]): ProviderEntry {
  const entry = providers.find(({ id }) => id === name);
  if (entry) return entry;
  const known = providers.map(({ id }) => id);
  const near = nearest(name, known);
  throw new RiptideError("usage", `unknown provider "${name}"`, {
    reasons: [near ? `did you mean "${near}"?` : `known: ${known.join(", ")}`],
    hint: "riptide providers list",
  });
}
