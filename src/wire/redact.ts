import type { Secret } from "../core/secret.ts";
import { maskCut } from "./cut-secret.ts";
import type { Transport } from "./http.ts";

const MASK = "[redacted]";

/** A shorter value would be found in ordinary words. */
const MIN_LENGTH = 4;

/**
 * What keys look like, for those nobody told the redactor of. Each pattern starts only where a token starts
 * and takes what it has begun, so that a long hostile text costs linear time.
 */
const SHAPES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g, MASK],
  [/(?<![\w-])sk-[\w-]{12,}/g, MASK],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g, MASK],
  [/(?<![\w-])AIza[\w-]{20,}/g, MASK],
  [/(?<![\w-])ya29\.[\w.-]{10,}/g, MASK],
  [/(?<![\w-])eyJ[\w-]{16,}(?:\.[\w-]*){0,4}/g, MASK],
  [/(?<![\w-])(Bearer(?:[ \t]{1,4}|%20|\+))[^\s"',;\\]{4,}/gi, `$1${MASK}`],
  [/(?<![A-Za-z])((?:api[_-]?)?key(?:=|%3D))[^\s"'&,;<>\\]{4,}/gi, `$1${MASK}`],
  [/(?<![A-Za-z])(api[_-]?key\\?["']\s{0,4}:\s{0,4}\\?["'])[^\s"'\\]{4,}/gi, `$1${MASK}`],
];

/** Takes secrets out of text that is about to leave the process (S-2). */
export interface Redactor {
  /** From now on this value is known, in every form {@link Redactor.redact} looks for. */
  add(secret: Secret): void;
  /** The same of a value that was made for a request or two: many later ones take its place. */
  pass(secret: Secret): void;
  /** The text with known secrets, and whatever looks like one, replaced by `[redacted]`. */
  redact(text: string): string;
}

/** Each signed request has a secret of its own, so that only the latest can be remembered. */
const MAX_PASSING = 256;

/** A redactor that knows no secret yet, only their shapes. */
export function createRedactor(): Redactor {
  const lasting = new Set<string>();
  const passing = new Set<string>();
  const seen = new WeakSet<Secret>();
  let forms: readonly string[] | undefined = [];
  const learn = (secret: Secret, values: Set<string>): void => {
    seen.add(secret);
    // Whoever echoes a header may leave out its scheme.
    const value = secret.reveal().replace(/^(?:Bearer|Basic) /i, "");
    if (value.length < MIN_LENGTH) return;
    values.add(value);
    forms = undefined;
  };
  const longestFirst = () =>
    [...new Set([...lasting, ...passing].flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return {
    add: (secret) => learn(secret, lasting),
    pass(secret) {
      // Most requests carry the secrets of the one before.
      if (seen.has(secret)) return;
      learn(secret, passing);
      const [oldest] = passing;
      if (passing.size > MAX_PASSING && oldest !== undefined) passing.delete(oldest);
    },
    redact(text) {
      forms ??= longestFirst();
      const unknown = forms.reduce((rest, form) => rest.replaceAll(form, MASK), text);
      const shapeless = SHAPES.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), unknown);
      return maskCut(shapeless, forms, MASK);
    },
  };
}

/**
 * A transport that makes each secret known before it goes out, also those no configuration holds: a token that was
 * fetched, a session of AWS.
 */
export const announcing =
  (transport: Transport, redactor: Redactor): Transport =>
  (request, exchange) => {
    for (const name in request.headers) {
      const value = request.headers[name];
      if (value !== undefined && typeof value !== "string") redactor.pass(value);
    }
    return transport(request, exchange);
  };

/** The value as it appears in plain text, JSON (also JSON within JSON), URLs and base64. */
function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const nested = JSON.stringify(json).slice(1, -1);
  const url = encode(value);
  const forms = [value, json, json.replaceAll("/", "\\/"), nested, url, url.replaceAll("%20", "+")];
  const lowerHex = url.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  return [...forms, lowerHex, ...base64Forms(value)];
}

/** A lone surrogate has no URL form; `encodeURIComponent` would throw. */
const encode = (value: string) => encodeURIComponent(value.toWellFormed());

/**
 * Base64 of the value by itself, and the part of it that shows when the value stands within a longer text, at
 * each of the three ways the bytes can fall into groups.
 */
function base64Forms(value: string): string[] {
  const whole = Buffer.from(value).toString("base64").replace(/=+$/, "");
  const inner = [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const first = Math.ceil((offset * 8) / 6);
    return bytes.toString("base64").slice(first, Math.floor((bytes.length * 8) / 6));
  });
  const forms = [whole, ...inner.filter((form) => form.length >= 8)];
  return [...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}
