import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { isTenantName, TENANT_NAME } from "../core/tenant.ts";
import { DIMENSIONS, type Dimension, isUnit, type SortField } from "./report.ts";
import type { Words } from "./words.ts";

const MOST_DIMENSIONS = 3;

/** `--by` @throws RiptideError `usage` */
export function dimensionsOf(given: Words): readonly Dimension[] {
  const text = given.value("by");
  const words = text === undefined ? (["tenant", "model"] as const) : listOf(text);
  const by = words.map(dimensionOf);
  if (by.length > 0 && by.length <= MOST_DIMENSIONS && new Set(by).size === by.length) return by;
  throw new RiptideError("usage", `--by wants one to three different groups, not "${text}"`, {
    hint: "riptide costs --by tenant,model,day",
  });
}

function dimensionOf(word: string): Dimension {
  const known = DIMENSIONS.find((dimension) => dimension === word);
  if (known) return known;
  if (/^tag:./.test(word)) return `tag:${word.slice("tag:".length)}`;
  const near = nearest(word, DIMENSIONS);
  throw new RiptideError("usage", `--by cannot group by "${word}"`, {
    reasons: [near ? `did you mean ${near}?` : `it knows ${DIMENSIONS.join(", ")} and tag:KEY`],
    hint: "riptide costs --by tenant,model",
  });
}

/** Fields of the rows by their names in documents. */
const SORT_FIELDS: Readonly<Record<string, SortField>> = {
  cost: "costNano",
  requests: "requests",
  failed: "failed",
  attempts: "attempts",
  unpriced: "unpriced",
  unreconciled: "unreconciledNano",
  input_tokens: "inputTokens",
  output_tokens: "outputTokens",
};

/** `--sort` @throws RiptideError `usage` */
export function sortOf(given: Words, by: readonly Dimension[]): SortField | undefined {
  const word = given.value("sort");
  if (word === undefined) return undefined;
  const sum = Object.hasOwn(SORT_FIELDS, word) ? SORT_FIELDS[word] : undefined;
  const found = sum ?? by.find((dimension) => dimension === word);
  if (found) return found;
  throw new RiptideError("usage", `--sort has no column "${word}"`, {
    reasons: [`it knows ${[...by, ...Object.keys(SORT_FIELDS)].join(", ")}`],
    hint: "riptide costs --sort requests",
  });
}

/** `--include`: whether probes count. Failed requests always do. @throws RiptideError `usage` */
export function includesProbes(given: Words): boolean {
  const words = listOf(given.value("include") ?? "");
  const stranger = words.find((word) => word !== "failed" && word !== "probe");
  if (stranger === undefined) return words.includes("probe");
  throw new RiptideError("usage", `--include knows failed and probe, not "${stranger}"`, {
    hint: "riptide costs --include probe",
  });
}

/** `--compare previous` is about whole ranges: the days of two ranges are never the same. @throws RiptideError `usage` */
export function comparesPrevious(given: Words, by: readonly Dimension[]): boolean {
  if (!given.has("compare")) return false;
  const unit = by.find(isUnit);
  if (unit === undefined) return true;
  throw new RiptideError("usage", `--compare previous cannot stand beside --by ${unit}`, {
    reasons: ["it compares the whole range with the one before"],
    hint: "riptide costs --since 7d --compare previous --by model",
  });
}

/** The only tenant to report on, where `--tenant` names one. @throws RiptideError `usage` */
export function onlyTenant(given: Words): string | undefined {
  const name = given.value("tenant");
  if (name === undefined || isTenantName(name)) return name;
  throw new RiptideError("usage", TENANT_NAME);
}

/** The parts of a list with commas. */
const listOf = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
