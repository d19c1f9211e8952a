import type { z } from "zod";
import { nearest } from "../core/nearest.ts";
import type { Path } from "./position.ts";
import type { ProblemCode } from "./problems.ts";

/** Something a schema or a cross check found, by path; its place in the file is looked up afterwards. */
export interface Issue {
  readonly path: Path;
  /** Whether the key or its value is at fault. */
  readonly part: "key" | "value";
  readonly code: ProblemCode;
  readonly message: string;
  readonly suggestion?: string | undefined;
  readonly severity?: "warning";
}

/** What a schema is asked about while its errors are put into words. */
export interface IssueContext {
  /** Stands before every path of the schema. */
  readonly prefix: Path;
  /** The keys a map at this path may have. */
  readonly keysAt: (path: Path) => readonly string[];
  /** What was checked. */
  readonly value: unknown;
  readonly display: (path: Path) => string;
}

type RawIssue = z.core.$ZodIssue;

/** The errors of a schema as issues; values are never quoted, since any of them may be a secret. */
export function issuesOf(error: z.ZodError, context: IssueContext): readonly Issue[] {
  const issues = error.issues.flatMap((raw) => translate(raw, [], context));
  const unknown = issues.filter((issue) => issue.code === "unknown_key");
  const others = issues.filter((issue) => issue.code !== "unknown_key" && !isMisspelt(issue, unknown));
  return [...unknown, ...others];
}

/** A key that is missing because the unknown key beside it was meant for it. */
const isMisspelt = (issue: Issue, unknown: readonly Issue[]) =>
  issue.code === "missing_key" &&
  unknown.some(
    ({ path, suggestion }) =>
      path.length === issue.path.length && suggestion === didYouMean(String(issue.path.at(-1))),
  );

const didYouMean = (word: string) => `did you mean "${word}"?`;

function translate(raw: RawIssue, above: Path, context: IssueContext): readonly Issue[] {
  const inner = [...above, ...raw.path.map((step) => (typeof step === "number" ? step : String(step)))];
  if (raw.code === "unrecognized_keys") return raw.keys.map((key) => unknownKey(key, inner, context));
  if (raw.code === "invalid_union") return unionIssues(raw, inner, context);
  const path = [...context.prefix, ...inner];
  if (raw.code === "invalid_key") {
    return [{ path, part: "key", code: "bad_value", message: raw.issues[0]?.message ?? "not a name" }];
  }
  if (raw.code === "invalid_type" && at(context.value, inner) === undefined)
    return [missingKey(path, context)];
  return [{ path, part: "value", ...wording(raw, at(context.value, inner)) }];
}

function missingKey(path: Path, { display }: IssueContext): Issue {
  const message = `${display(path.slice(0, -1)) || "the file"} needs "${String(path.at(-1))}"`;
  return { path, part: "value", code: "missing_key", message };
}

function unknownKey(key: string, inner: Path, { prefix, keysAt, display }: IssueContext): Issue {
  const parent = [...prefix, ...inner];
  const known = keysAt(inner);
  const near = nearest(key, known);
  const where = display(parent);
  return {
    path: [...parent, key],
    part: "key",
    code: "unknown_key",
    message: `unknown key "${key}"${where ? ` in ${where}` : ""}`,
    suggestion: near
      ? `did you mean "${near}"?`
      : known.length > 0
        ? `known: ${known.join(", ")}`
        : undefined,
  };
}

/** The branch that was meant is the one that fails inside rather than at its first look, and least often. */
function unionIssues(
  raw: Extract<RawIssue, { code: "invalid_union" }>,
  inner: Path,
  context: IssueContext,
): readonly Issue[] {
  const value = at(context.value, inner);
  const path = [...context.prefix, ...inner];
  if (value === undefined) return [missingKey(path, context)];
  // No branch has the word that tells them apart.
  if (raw.errors.length === 0) return [{ path, part: "value", code: "bad_value", message: raw.message }];
  const entered = raw.errors.filter((branch) => !branch.some((issue) => isOutside(issue)));
  const [meant] = entered.toSorted((a, b) => a.length - b.length);
  if (meant) {
    const issues = meant.flatMap((issue) => translate(issue, inner, context));
    const unknown = issues.filter((issue) => issue.code === "unknown_key");
    return unknown.length > 0 ? unknown : issues;
  }
  const words = [...new Set(raw.errors.flatMap((branch) => branch.map(expectation)))];
  const options = raw.errors.flatMap((branch) => branch.flatMap(valuesOf));
  return [
    {
      ...{ path, part: "value" },
      code: typeof value === "string" ? "bad_value" : "wrong_type",
      message: `expected ${words.join(" or ")}`,
      suggestion: meantValue(value, options),
    },
  ];
}

const isOutside = (issue: RawIssue) =>
  issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");

const valuesOf = (issue: RawIssue) => (issue.code === "invalid_value" ? issue.values.map(String) : []);

function meantValue(value: unknown, options: readonly string[]): string | undefined {
  const near = typeof value === "string" ? nearest(value, options) : undefined;
  return near && didYouMean(near);
}

function wording(raw: RawIssue, value: unknown): Pick<Issue, "code" | "message" | "suggestion"> {
  switch (raw.code) {
    case "invalid_type":
      return {
        code: "wrong_type",
        message: `expected ${expectation(raw)}, found ${found(value)}`,
        suggestion: raw.expected === "string" && typeof value === "number" ? QUOTES : undefined,
      };
    case "invalid_value":
      return {
        code: "bad_value",
        message: `expected ${expectation(raw)}`,
        suggestion: meantValue(value, raw.values.map(String)),
      };
    case "too_small":
      return {
        code: "bad_value",
        message: `expected ${bound(raw.origin, raw.minimum, "least", raw.inclusive)}`,
      };
    case "too_big":
      return {
        code: "bad_value",
        message: `expected ${bound(raw.origin, raw.maximum, "most", raw.inclusive)}`,
      };
    case "custom":
    case "invalid_format":
      return { code: "bad_value", message: raw.message };
    default:
      return { code: "bad_value", message: "not a value this key can have" };
  }
}

function bound(origin: string, limit: number | bigint, side: "least" | "most", inclusive = true): string {
  if (origin === "string")
    return side === "least" ? "a text that is not empty" : `at most ${limit} characters`;
  if (origin === "array") return `at ${side} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  if (inclusive) return `a number of at ${side} ${limit}`;
  return `a number ${side === "least" ? "above" : "below"} ${limit}`;
}

const QUOTES = "put the number in quotes, or give it its unit";

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
};

function expectation(raw: RawIssue): string {
  if (raw.code === "invalid_value") return raw.values.map((value) => JSON.stringify(value)).join(", ");
  if (raw.code === "invalid_type") return TYPES[raw.expected] ?? raw.expected;
  return "another value";
}

function found(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return TYPES[typeof value] ?? typeof value;
}

function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string | number, unknown>)[step]; // Lists and maps are both indexed by their key.
  }
  return here;
}
