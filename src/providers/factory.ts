import { guarded } from "./outside.ts";
import type { ProviderContext, ProviderInstance, ProviderType } from "./plugin.ts";

/** A type that reads its options itself, whatever they are. */
export const factoryType = (
  name: string,
  create: (
    options: Readonly<Record<string, unknown>>,
    context: ProviderContext,
  ) => ProviderInstance | Promise<ProviderInstance>,
): ProviderType<Record<string, unknown>> => ({
  operations: ["complete", "stream", "embed"],
  authentication: "its own",
  options: async () => (await import("zod")).z.looseObject({}),
  create: async (options, context) => guarded(await create(options, context), name),
});
