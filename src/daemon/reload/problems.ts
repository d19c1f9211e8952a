import type { RiptideError } from "../../core/errors.ts";

/** All that a refusal says, one problem a line; the first one is its message. At least one, at most 21. */
export const problemsIn = ({ message, facts }: RiptideError): readonly string[] =>
  facts.problems ? bounded(facts.problems) : [message];

const MAX_PROBLEMS = 20;

function bounded(problems: readonly string[]): readonly string[] {
  const hidden = problems.length - MAX_PROBLEMS;
  return hidden > 0 ? [...problems.slice(0, MAX_PROBLEMS), `and ${hidden} more`] : problems;
}
