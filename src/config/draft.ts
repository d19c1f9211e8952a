import type { SecretSource } from "../core/secret.ts";
import type { Config } from "./config.ts";
import { isSecretSource } from "./expand.ts";
import type { Issue } from "./issues.ts";
import type { Origins } from "./override.ts";
import { type Path, type Places, pathKey, pathText, positionOf } from "./position.ts";
import type { Problem } from "./problems.ts";

/** A checked configuration whose texts still hold their variables; JSON, so that the cache can keep it. */
export interface Draft {
  readonly settings: Settings;
  readonly revision: string;
  readonly places: Places;
  /** For each variable that a text outside the secrets needs: the path of the first such text. */
  readonly variables: Readonly<Record<string, Path>>;
}

export type Settings = Omit<Config, "path" | "revision">;

/** Every secret a value names, in order. */
export function secretsIn(value: unknown): readonly SecretSource[] {
  if (typeof value !== "object" || value === null) return [];
  return isSecretSource(value) ? [value] : Object.values(value).flatMap(secretsIn);
}

/** An issue with its place: in the file, or in the variable or flag that brought the value. */
export function placeIssue(issue: Issue, places: Places, origins: Origins): Problem {
  const override = overrideOf(issue.path, places, origins);
  const position = override ? undefined : positionOf(places, issue.path, issue.part);
  return {
    severity: issue.severity ?? "error",
    code: issue.code,
    line: position?.line ?? null,
    column: position?.column ?? null,
    key: pathText(issue.path),
    message: override ? `${override.origin}: ${issue.message}` : issue.message,
    suggestion: issue.suggestion ?? null,
  };
}

/** The override that set a path or something above it, or that began the block the path is in. */
function overrideOf(path: Path, places: Places, origins: Origins) {
  for (let length = path.length; length > 0; length -= 1) {
    const found = origins.get(pathKey(path.slice(0, length)));
    if (found) return found;
  }
  const block = pathKey(path.slice(0, -1));
  if (path.length < 2 || places[block]) return undefined;
  const below = `${block.slice(0, -1)},`;
  return [...origins].find(([key]) => key.startsWith(below))?.[1];
}
