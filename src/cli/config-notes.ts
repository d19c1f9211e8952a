import type { Call } from "./command.ts";

/** Says what is not wrong with the configuration of a call, but should be known. */
export async function tellWarnings({ io, given }: Call, warnings: readonly string[]): Promise<void> {
  if (given.has("quiet")) return;
  for (const warning of warnings) await io.stderr.write(`warning: ${warning}\n`);
}

/** Says which keys nobody carries out, so that nobody relies on them. */
export async function tellUnenforced({ io, given }: Call, keys: readonly string[]): Promise<void> {
  if (keys.length === 0 || given.has("quiet")) return;
  await io.stderr.write(`note: not enforced by this version: ${keys.join(", ")}\n`);
}
