import { configSchema } from "../../config/json-schema.ts";
import type { Run } from "../command.ts";
import { knownTypes } from "../configured.ts";

/** `riptide config schema`: what an editor checks providers.yaml against. */
export const run: Run = async (call) => {
  await call.io.stdout.write(`${JSON.stringify(await configSchema(await knownTypes(call)), null, 2)}\n`);
  return 0;
};
