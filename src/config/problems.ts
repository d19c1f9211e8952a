import { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { Places, Position } from "./position.ts";

/** What can be wrong with a configuration, in the words of `riptide config validate --json`. */
export type ProblemCode =
  | "syntax"
  | "empty"
  | "too_large"
  | "too_deep"
  | "duplicate_key"
  | "forbidden_key"
  | "unknown_key"
  | "missing_key"
  | "wrong_type"
  | "bad_value"
  | "unknown_type"
  | "unknown_name"
  | "duplicate"
  | "bad_address"
  | "variable_missing"
  | "secret_missing"
  | "unsafe_permissions"
  | "secret_in_argument"
  | "unusable";

/** One thing that is wrong, and where. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly code: ProblemCode;
  /** In the file; null when it came from a variable or a flag, which the message then names. */
  readonly line: number | null;
  readonly column: number | null;
  /** The path of the key, such as `providers.openai.api_kye`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
  /** What was probably meant, or what to do. */
  readonly suggestion: string | null;
}

/** A file as data, and where each part of it stands. */
export interface ParsedFile {
  readonly tree: JsonObject;
  readonly places: Places;
}

export type ParseResult = { readonly parsed: ParsedFile } | { readonly problems: readonly Problem[] };

/** A problem of the file as text, before any key is known. */
export function textProblem(code: ProblemCode, message: string, at: Position, suggestion?: string): Problem {
  return {
    severity: "error",
    code,
    line: at.line,
    column: at.column,
    key: "",
    message,
    suggestion: suggestion ?? null,
  };
}

/** Problems in the order a reader of the file meets them; what is not in the file comes first. */
export const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

/** Most reasons that fit the eight lines of an error text beside its message and hint. */
const MAX_REASONS = 6;

/**
 * The error of an invalid configuration: its first problem as the message, the others as reasons, each with what
 * was probably meant.
 * @param file the name the reader knows the file by; undefined when there is none.
 */
export function problemsError(problems: readonly Problem[], file: string | undefined): RiptideError {
  const [first, ...others] = inOrder(problems.filter(({ severity }) => severity === "error"));
  if (!first) return new RiptideError("internal", "a configuration without problems was refused");
  const lines = [
    ...(first.suggestion ? [first.suggestion] : []),
    ...others.map((problem) => withSuggestion(problem, file)),
  ];
  const shown = lines.length > MAX_REASONS ? lines.slice(0, MAX_REASONS - 1) : lines;
  const hidden = lines.length - shown.length;
  return new RiptideError("config_invalid", problemText(first, file), {
    reasons: hidden > 0 ? [...shown, `and ${hidden} more`] : shown,
    problems: [problemText(first, file), ...others.map((problem) => withSuggestion(problem, file))],
    hint:
      file === undefined || file === "-"
        ? "riptide config schema   (every key)"
        : `riptide config validate ${/^[\w./~+-]+$/.test(file) ? file : JSON.stringify(file)}`,
  });
}

const withSuggestion = (problem: Problem, file: string | undefined): string =>
  [problemText(problem, file), problem.suggestion].filter((text) => text !== null).join("; ");

/** What is said of a problem, and where. */
export type Placed = Pick<Problem, "line" | "column" | "message">;

/** `providers.yaml:14:5: unknown key "api_kye" in providers.openai`. */
export function problemText(problem: Placed, file: string | undefined): string {
  if (file === undefined || problem.line === null) return problem.message;
  return `${fileName(file)}:${problem.line}:${problem.column}: ${problem.message}`;
}

/** A file as places in it are named. */
export const fileName = (file: string): string => (file === "-" ? "<stdin>" : file);
