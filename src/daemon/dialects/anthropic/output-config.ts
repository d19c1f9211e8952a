import { z } from "zod";
import type { Effort, OutputSchema } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import { anyObject } from "../read-member.ts";
import { read } from "./read.ts";

const outputConfig = z.looseObject({
  format: z.looseObject({ type: z.literal("json_schema"), schema: anyObject }).nullish(),
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
});

/** What `output_config` asks for. `own` is all of it but the format, as the caller says it. */
export interface Output {
  readonly schema?: OutputSchema;
  readonly effort?: Effort;
  readonly own?: JsonObject;
}

/** @throws RiptideError `invalid_request` */
export function outputOf(body: JsonObject): Output {
  const config = read(outputConfig.nullish(), body.output_config, "output_config");
  if (!config) return {};
  const { format, ...own } = config;
  const { effort } = own;
  const said = Object.entries(own).filter(([, value]) => value !== null && value !== undefined);
  return {
    ...(format && { schema: { name: "answer", schema: format.schema } }),
    ...(effort && { effort }),
    // What was read from JSON is JSON.
    ...(said.length > 0 && { own: Object.fromEntries(said) as JsonObject }),
  };
}
