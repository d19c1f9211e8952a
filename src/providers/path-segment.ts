import { RiptideError } from "../core/errors.ts";

/**
 * A model's or deployment's name as one step of a path (H-8).
 * @throws RiptideError `invalid_request` for a name that no encoding keeps in its place.
 */
export function pathSegment(name: string): string {
  // URL parsers take `.` and `..` for steps of their own, percent-encoded too.
  if (!/^\.{0,2}$/.test(name) && name.isWellFormed()) return encodeURIComponent(name);
  throw new RiptideError("invalid_request", `${JSON.stringify(name)} is no name of a model`);
}
