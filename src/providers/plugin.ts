import type { ZodType } from "zod";
import type { Clock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import type { Resolved } from "../core/secret.ts";
import type { Authoriser, Transport } from "../wire/http.ts";
import type { Adapter } from "./adapter.ts";

export type ProviderOperation = "complete" | "stream" | "embed" | "list models" | "count tokens";

/** What a provider may use of the process around it. */
export interface ProviderContext {
  /** The entry's name in providers.yaml. */
  readonly id: string;
  readonly clock: Clock;
  /** One variable of the environment, for a vendor's own credential chain. */
  readonly environment: (name: string) => string | undefined;
  readonly readFile: (path: string) => Promise<string>;
  /** Reaches the vendor's token services and metadata addresses; not for the vendor's API. */
  readonly credentialTransport: Transport;
}

/** One configured provider, ready to be called. */
export interface ProviderInstance {
  readonly adapter: Adapter;
  /** What the vendor's own paths are appended to. */
  readonly baseUrl: string;
  readonly authoriser?: Authoriser;
  /** Answers in place of the network; the mock provider's. */
  readonly transport?: Transport;
}

/** How a provider type comes into being. Heavy parts are loaded by `options` and `create` when called. */
export interface ProviderType<Options = unknown> {
  readonly aliases?: readonly string[];
  readonly operations: readonly ProviderOperation[];
  /** Its models cost nothing, so none of them needs a price. */
  readonly free?: boolean;
  /** One line for `riptide providers types`. */
  readonly authentication: string;
  /** The schema of the entry's own keys; the keys every entry has are checked by RipTide. */
  options(): Promise<ZodType<Options>>;
  create(options: Resolved<Options>, context: ProviderContext): Promise<ProviderInstance>;
}

export interface Plugin {
  readonly apiVersion: 1;
  // biome-ignore lint/suspicious/noExplicitAny: the options of each type are checked by its own schema.
  readonly types: { readonly [name: string]: ProviderType<any> };
}

/**
 * Declares provider types: RipTide's own and those of outside modules alike.
 * @throws RiptideError `config_invalid` for another `apiVersion`.
 */
export function definePlugin(plugin: Plugin): Plugin {
  if (plugin.apiVersion !== 1) {
    throw new RiptideError(
      "config_invalid",
      `plugin speaks version ${plugin.apiVersion}, this RipTide speaks 1`,
    );
  }
  return plugin;
}
