import { type ErrorCode, RiptideError } from "../core/errors.ts";

/** Loads a module by name; a test gives its own. */
export type LoadModule = (name: string) => Promise<unknown>;

export interface OptionalPackage {
  readonly name: string;
  /** Who needs it, as the start of a sentence. */
  readonly neededBy: string;
  /** The code of the error when it is not installed. */
  readonly missing: ErrorCode;
}

/** The name is a variable, so that neither the compiler nor the bundler looks for what may not be installed. */
const importModule: LoadModule = (name) => import(name);

/** The exports of a package that users install only when they need it. */
export async function loadOptionalPackage(
  { name, neededBy, missing }: OptionalPackage,
  load: LoadModule = importModule,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await load(name)) as Record<string, unknown>; // A module namespace is an object.
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing ? "is not installed" : "cannot be loaded";
    throw new RiptideError(missing, `${neededBy} needs the package ${name}, which ${problem}`, {
      hint: `npm install ${name}`,
      action: "next",
      cause,
    });
  }
}
