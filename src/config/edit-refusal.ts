import { RiptideError } from "../core/errors.ts";
import type { Edit } from "./edit.ts";
import { inlineYaml } from "./edit-text.ts";
import { pathText } from "./position.ts";

/** The error of a change that only a person can make safely: says where, why, and what the file should say. */
export function refusal(edit: Edit, why: string): RiptideError {
  const where = pathText(edit.path);
  return new RiptideError("write_failed", `${where} cannot be edited safely: ${why}`, {
    reasons: ["nothing was written"],
    hint: `edit the file by hand: ${wanted(edit, where)}`,
  });
}

function wanted(edit: Edit, where: string): string {
  if (edit.kind === "remove") return `remove ${where}`;
  const value = inlineYaml(edit.value);
  return edit.kind === "append" ? `add ${value} to ${where}` : `${where}: ${value}`;
}
