import { configSchema } from "../../config/json-schema.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Run } from "../command.ts";

/** `riptide config schema`: what an editor checks providers.yaml against. */
export const run: Run = async ({ io }) => {
  await io.stdout.write(`${JSON.stringify(await configSchema(createRegistry()), null, 2)}\n`);
  return 0;
};
