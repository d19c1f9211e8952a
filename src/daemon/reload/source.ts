import type { Config } from "../../config/config.ts";
import type { Path } from "../../config/position.ts";
import type { RiptideError } from "../../core/errors.ts";
import type { Replacement } from "../generations.ts";

/** Where the configurations of a daemon come from. */
export interface ConfigSource {
  /**
   * Reads and checks what is there now; nothing is built.
   * @throws RiptideError `config_invalid`, `config_not_found`
   */
  read(): Promise<ReadConfig>;
}

/** A configuration that was read and is sound. */
export interface ReadConfig {
  readonly config: Config;
  /** Where a path stands, such as `providers.yaml:6:14`. */
  placeOf(path: Path): string | undefined;
  /** Lines for whoever looks after the daemon. */
  readonly warnings: readonly string[];
  /** Resolves every secret and builds every enabled provider. */
  build(): Promise<BuiltGeneration>;
}

/** A generation of which nothing is left to be resolved. It has to be swapped in or closed. */
export interface BuiltGeneration extends Replacement {
  /** By provider, for those that can be used: what breakers and holds belong to (CB-11). */
  readonly endpoints: ReadonlyMap<string, string>;
  /** By provider: why it cannot be used. */
  readonly misconfigured: ReadonlyMap<string, RiptideError>;
  /** Another text where any secret or certificate is another one; holds none of them. */
  readonly fingerprint: string;
}
