import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Environment, readEnvironment } from "../config/environment.ts";
import { isModule } from "../config/schema/runtime.ts";
import { systemClock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { factoryType } from "../providers/factory.ts";
import { guardedPlugin } from "../providers/outside.ts";
import {
  type Plugin,
  type ProviderContext,
  type ProviderInstance,
  type ProviderType,
  pluginProblem,
} from "../providers/plugin.ts";
import { createRegistry, type Registry } from "../providers/registry.ts";
import { checkProvider, isObject, want } from "./check.ts";
import { buildConfig, discovered, readConfigFile } from "./config.ts";
import type { Configured } from "./generation.ts";
import { ProviderConfig } from "./provider-config.ts";

/** Makes a provider of its configuration; `${NAME}` in it has become the variable's value. */
export type ProviderFactory = (
  config: ProviderConfig,
  context: ProviderContext,
) => ProviderInstance | Promise<ProviderInstance>;

const FACTORY_HINT = 'registry.registerFactory("acme", (config, context) => …)';
const PLUGIN_HINT =
  'registry.loadPlugin("riptide-provider-acme"), or loadPlugin(new URL("./acme.js", import.meta.url))';
const CONFIGURE_HINT = 'registry.configure({ timeouts: "relaxed" })';
const FILE_HINT = 'await registry.loadFile("/etc/acme/providers.yaml")';

/**
 * The provider types a program can use, the providers it has loaded, and the policies they are used by. The built-in
 * types are there from the start. It may change while clients use it: their next call goes by what it is then.
 */
export class LlmRegistry {
  readonly #environment: Environment;
  readonly #own = new Map<string, ProviderType>();
  readonly #plugins: Plugin[] = [];
  readonly #providers = new Map<string, JsonObject>();
  #settings: JsonObject = {};
  #obeysVariables = false;
  #edition = 0;

  constructor() {
    this.#environment = readEnvironment();
  }

  /** Counts the changes. */
  get edition(): number {
    return this.#edition;
  }

  /** The names of the provider types there are. */
  get types(): readonly string[] {
    return this.#registry().names;
  }

  /** The names of the providers that were loaded. */
  get providers(): readonly string[] {
    return [...this.#providers.keys()];
  }

  /**
   * Adds a provider type of the program itself; it takes the place of another of that name.
   * @throws RiptideError `usage`
   */
  registerFactory(type: string, factory: ProviderFactory): this {
    const isUsable = typeof type === "string" && type !== "" && typeof factory === "function";
    want(isUsable, "a factory is a name of a type and a function", FACTORY_HINT);
    const create = (options: Readonly<Record<string, unknown>>, context: ProviderContext) =>
      factory(new ProviderConfig(context.id, type, options as JsonObject), context); // They were JSON, or became secrets.
    this.#own.set(type, factoryType(type, create));
    this.#edition += 1;
    return this;
  }

  /**
   * Adds the types of a plugin.
   * @throws RiptideError `config_invalid` for what is no plugin of this version, and where there is a type of that name
   */
  registerPlugin(plugin: Plugin): this {
    const problem = pluginProblem(plugin);
    if (problem !== undefined) throw new RiptideError("config_invalid", problem);
    return this.#add(guardedPlugin(plugin));
  }

  /**
   * Loads a plugin as a part of this process.
   * @param module An absolute path, a `file:` URL, or the name of a package.
   * @param folder Where a package is looked for, with the folders above it; the current one unless given.
   * @throws RiptideError `config_invalid` that names the file and the reason, `usage` for what names no module
   */
  async loadPlugin(module: string | URL, folder = "."): Promise<this> {
    const isFileUrl = /^file:/.test(String(module));
    const name = isFileUrl ? fileURLToPath(module) : module;
    // A path relative to the current folder would let whoever starts the program choose what is run.
    if (!isModule(name))
      throw new RiptideError("usage", "a plugin is a package or a file", { hint: PLUGIN_HINT });
    const { loadPlugin } = await import("../providers/plugins-load.ts");
    const { plugin } = await loadPlugin(name, { folder: resolve(folder), clock: systemClock });
    return this.#add(plugin);
  }

  /**
   * Adds a provider, or replaces the one of that name.
   * @throws RiptideError `config_invalid` for an unknown type and for keys it does not take, `usage` for what is no
   *   configuration; it is then not added
   */
  async loadProvider(config: ProviderConfig): Promise<void> {
    checkProvider(config);
    const { id, type, options } = config;
    const entry = { type, ...options };
    // Checked first: calls that are made meanwhile go by what was there before.
    await this.#configuredWith(new Map([...this.#providers, [id, entry]]));
    this.#providers.set(id, entry);
    this.#edition += 1;
  }

  /** Removes a provider; calls that are under way keep it. */
  removeProvider(id: string): boolean {
    this.#edition += 1;
    return this.#providers.delete(id);
  }

  /**
   * Sets policies: the keys of providers.yaml besides `providers` and `plugins`, such as `models`, `timeouts`,
   * `failover`, `tenants` and `budgets`. They are checked at the next call, or by `loadProvider`.
   */
  configure(settings: JsonObject): this {
    want(isObject(settings), "settings are an object with keys of providers.yaml", CONFIGURE_HINT);
    const { providers, plugins } = settings;
    if (providers !== undefined || plugins !== undefined) {
      throw new RiptideError("usage", "configure takes neither providers nor plugins", {
        hint: "use loadProvider and loadPlugin",
      });
    }
    this.#settings = { ...this.#settings, ...settings };
    this.#edition += 1;
    return this;
  }

  /**
   * Adds what a providers.yaml says, its plugins included, with `RIPTIDE_<PATH>` variables over it.
   * @throws RiptideError `config_not_found`, `config_invalid` with line and column
   */
  async loadFile(path: string): Promise<this> {
    want(typeof path === "string" && path !== "", "a file is named by its path", FILE_HINT);
    const registryWith = (plugins: readonly Plugin[]) => this.#registry([...this.#plugins, ...plugins]);
    const file = await readConfigFile(resolve(path), this.#environment, registryWith);
    this.#plugins.push(...file.plugins);
    this.#obeysVariables = true;
    return this.#absorb(file.tree);
  }

  /** Adds the providers that the variables of the environment name, such as `OPENAI_API_KEY`. */
  async loadEnvironment(): Promise<this> {
    return this.#absorb(await discovered(this.#environment));
  }

  /** Everything as one checked configuration. @throws RiptideError `config_invalid` */
  configured(): Promise<Configured> {
    return this.#configuredWith(this.#providers);
  }

  async #configuredWith(providers: ReadonlyMap<string, JsonObject>): Promise<Configured> {
    const tree = { version: 1, ...this.#settings, providers: Object.fromEntries(providers) };
    const overrides = this.#obeysVariables ? this.#environment.overrides : [];
    return buildConfig(tree, { registry: this.#registry(), environment: this.#environment, overrides });
  }

  #add(plugin: Plugin): this {
    createRegistry([...this.#plugins, plugin]);
    this.#plugins.push(plugin);
    this.#edition += 1;
    return this;
  }

  #absorb({ providers = {}, plugins: _plugins, version: _version, ...settings }: JsonObject): this {
    // A file's block was checked, and the environment's is made by this program.
    for (const [id, entry] of Object.entries(providers as Readonly<Record<string, JsonObject>>)) {
      this.#providers.set(id, entry);
    }
    return this.configure(settings);
  }

  #registry(plugins: readonly Plugin[] = this.#plugins): Registry {
    return createRegistry(plugins, Object.fromEntries(this.#own));
  }
}
