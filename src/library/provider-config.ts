import { inspect } from "node:util";
import type { Json, JsonObject } from "../core/json.ts";

/** One provider to be loaded: its name, its type and the keys an entry of that type has in providers.yaml. */
export class ProviderConfig {
  /** The name that targets, reports and errors use. */
  readonly id: string;
  /** A built-in type such as `openai`, one of a plugin, or one that was registered. */
  readonly type: string;
  /** In the words of providers.yaml: `api_key`, `base_url`; `${NAME}` stands for a variable of the environment. */
  readonly options: JsonObject;

  constructor(id: string, type: string, options: JsonObject = {}) {
    this.id = id;
    this.type = type;
    this.options = options;
  }

  /** The same with one more key. */
  withConfig(key: string, value: Json): ProviderConfig {
    return new ProviderConfig(this.id, this.type, { ...this.options, [key]: value });
  }

  /** It may hold a key, so that only its names are shown. */
  toJSON(): JsonObject {
    return { id: this.id, type: this.type, options: Object.keys(this.options) };
  }

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return `ProviderConfig ${JSON.stringify(this)}`;
  }
}
