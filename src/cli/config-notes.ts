import type { Call } from "./command.ts";

/** Says what is not wrong with the configuration of a call, but should be known. */
export async function tellWarnings({ io, given }: Call, warnings: readonly string[]): Promise<void> {
  if (given.has("quiet")) return;
  for (const warning of warnings) await io.stderr.write(`warning: ${warning}\n`);
}
