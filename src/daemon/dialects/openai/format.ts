import { z } from "zod";
import type { OutputSchema } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import { anyObject, readMember } from "../read-member.ts";

/** How an answer has to look. */
export interface Format {
  readonly schema?: OutputSchema;
  /** Says it to models that have no word for it. */
  readonly instruction?: string;
  /** The caller's own words, whose details ours do not hold. */
  readonly own: JsonObject;
}

/**
 * Reads `response_format`.
 * @throws RiptideError `invalid_request`
 */
export function formatOf({ response_format: said }: JsonObject): Format {
  if (said === undefined || said === null) return { own: {} };
  const own = { response_format: said };
  switch (readMember(anyFormat, said, "response_format").type) {
    case "text":
      return { own: {} };
    case "json_object":
      return { own, instruction: "Answer with one JSON object and nothing else." };
    case "json_schema": {
      const { name, schema } = readMember(schemaFormat, said, "response_format").json_schema;
      return { own, schema: { name, schema } };
    }
  }
}

const anyFormat = z.object({ type: z.enum(["text", "json_object", "json_schema"]) });
const schemaFormat = z.object({ json_schema: z.object({ name: z.string().min(1), schema: anyObject }) });
