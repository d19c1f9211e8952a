import { RiptideError } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";

export type Verdict =
  | { readonly valid: true; readonly data: Json }
  /** One sentence for each violation, at most five. */
  | { readonly valid: false; readonly errors: readonly string[] };

const DRAFT_2020 = /draft\/2020-12/;

/**
 * Compiles a user's JSON Schema (draft 7, or 2020-12 where `$schema` says so) to a check of model text.
 * @throws RiptideError `usage` for a schema that cannot be compiled.
 */
export async function compileSchema(schema: JsonObject): Promise<(text: string) => Verdict> {
  const is2020 = DRAFT_2020.test(String(schema.$schema ?? ""));
  const { Ajv } = is2020 ? { Ajv: (await import("ajv/dist/2020.js")).Ajv2020 } : await import("ajv");
  // Ajv's own extension, whose checks answer with promises.
  if (schema.$async) throw new RiptideError("usage", "the schema is not a usable JSON Schema: $async");
  const validate = compile(() =>
    new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false }).compile(schema),
  );
  return (text) => {
    const data = parseAnswer(text);
    if (data === undefined) return { valid: false, errors: ["the answer is not JSON"] };
    if (validate(data)) return { valid: true, data };
    const errors = (validate.errors ?? []).slice(0, 5);
    return {
      valid: false,
      errors: errors.map(({ instancePath, message }) => `${instancePath || "/"} ${message}`),
    };
  };
}

function compile<T>(build: () => T): T {
  try {
    return build();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RiptideError("usage", `the schema is not a usable JSON Schema: ${said.slice(0, 200)}`, {
      cause,
    });
  }
}

/** Models without schema support like to wrap JSON in a code fence; the fence is not part of the value. */
function parseAnswer(text: string): Json | undefined {
  const bare = /^```(?:json)?\s*\n([\s\S]*)\n```$/.exec(text.trim())?.[1] ?? text;
  try {
    return JSON.parse(bare) as Json; // JSON.parse yields nothing but JSON values.
  } catch {
    return undefined;
  }
}
