import { inspect } from "node:util";

const REDACTED = "[redacted]";
/** On every secret: a plugin may have brought a copy of this module of its own. */
const MARK = Symbol.for("riptide.secret");

/**
 * A value that must not be printed. It shows as `[redacted]` in text, JSON and inspection; only `src/wire`
 * may call {@link Secret.reveal} (a check of the test suite).
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && MARK in value;
  }

  get [MARK](): true {
    return true;
  }

  /** The value itself, for the bytes that go to the provider. */
  reveal(): string {
    return this.#value;
  }

  /** The same secret behind a public prefix, such as `Bearer `. */
  prefixed(prefix: string): Secret {
    return new Secret(prefix + this.#value);
  }

  /** Tells one value from another without giving either away: 16 hex digits of its SHA-256. */
  fingerprint(): string {
    const { createHash } = process.getBuiltinModule("node:crypto");
    return createHash("sha256").update(this.#value).digest("hex").slice(0, 16);
  }

  /** Whether a text is this value, in a time that tells nothing about how much of it is right. */
  equals(text: string): boolean {
    const { createHash, timingSafeEqual } = process.getBuiltinModule("node:crypto");
    const digest = (value: string) => createHash("sha256").update(value).digest();
    return timingSafeEqual(digest(text), digest(this.#value));
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** Where a secret comes from, as the configuration names it; resolved only when its provider is used. */
export type SecretSource =
  | { readonly kind: "secret"; readonly from: "text"; readonly text: string }
  | { readonly kind: "secret"; readonly from: "env"; readonly name: string }
  | { readonly kind: "secret"; readonly from: "file"; readonly path: string }
  | { readonly kind: "secret"; readonly from: "command"; readonly command: readonly string[] };

/** A value with each {@link SecretSource} in it replaced by its {@link Secret}. */
export type Resolved<T> = T extends SecretSource
  ? Secret
  : T extends readonly (infer Item)[]
    ? readonly Resolved<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Resolved<T[Key]> }
      : T;
