import type { Issue } from "./issues.ts";
import { type Path, pathText } from "./position.ts";

/** A variable that a text needs and the environment does not have. */
export const missingVariable = (name: string, path: Path): Issue => ({
  path,
  part: "value",
  code: "variable_missing",
  message: `the variable ${name} of ${pathText(path)} is not set`,
  suggestion: `set it, or give a fallback: \${${name}:-…}`,
});
