import { readFile } from "node:fs/promises";
import type { LoadedConfig } from "../config/load.ts";
import { resolveOptions, type SecretContext } from "../config/secrets.ts";
import { createGeneration, type Generation, type Surroundings } from "../engine/generation.ts";
import { announcing } from "../wire/redact.ts";
import type { Around } from "./around.ts";

/** A configuration that was loaded, with the types it may name. */
export type Configured = Pick<LoadedConfig, "config" | "placeOf" | "registry">;

/** What the secrets of a configuration are resolved with. */
export const secretContext = (placeOf: LoadedConfig["placeOf"], around: Around): SecretContext => ({
  environment: around.environment,
  clock: around.clock,
  placeOf,
  onSecret: around.redactor.add,
});

/** Everything built from a configuration, on connections that announce their secrets to the redactor. */
export function generationOn(
  { config, placeOf, registry }: Configured,
  around: Around,
  createTransport: Surroundings["createTransport"],
  rules: Pick<Surroundings, "rebuildAfterMs"> = {},
): Generation {
  const { environment, clock, redactor } = around;
  const secrets = secretContext(placeOf, around);
  return createGeneration(config, {
    ...rules,
    clock,
    registry,
    environment: environment.lookup,
    readFile: (path) => readFile(path, "utf8"),
    resolve: (value, { id }, path) =>
      resolveOptions(value, { ...secrets, owner: `provider ${id}`, path: ["providers", id, ...path] }),
    createTransport: (policy) => announcing(createTransport(policy), redactor),
    ...(environment.proxy && { proxy: environment.proxy }),
  });
}
