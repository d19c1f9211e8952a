import type { Clock } from "../core/clock.ts";
import { asRiptideError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Registry } from "../providers/registry.ts";
import { type LoadPlugins, tryBuild } from "./build.ts";
import { completeSettings } from "./complete.ts";
import type { Config, ProviderEntry } from "./config.ts";
import { type Draft, placeIssue, type Settings } from "./draft.ts";
import type { Environment } from "./environment.ts";
import type { Issue } from "./issues.ts";
import type { Override } from "./override.ts";
import { parseYaml } from "./parse.ts";
import type { Path } from "./position.ts";
import { inOrder, type Problem, type ProblemCode } from "./problems.ts";
import { resolveOptions } from "./secrets.ts";

/** How far a check goes; each level includes those before it. None uses the network. */
export const LEVELS = ["syntax", "schema", "secrets", "provision"] as const;
export type Level = (typeof LEVELS)[number];

export interface ValidateOptions {
  readonly level: Level;
  readonly registry: Registry;
  readonly loadPlugins?: LoadPlugins;
  /** The folder of the file, where the text comes from one. */
  readonly folder?: string | undefined;
  readonly environment: Pick<Environment, "lookup" | "home">;
  /** Values given outside the text, as every call would add them. */
  readonly overrides?: readonly Override[];
  readonly clock: Clock;
  readonly onSecret: (secret: Secret) => void;
  /** Makes one provider of a configuration ready for use, for the level `provision`. */
  readonly provision?: (config: Config, providerId: string, registry: Registry) => Promise<void>;
}

/** Everything that is wrong with a text as a configuration, in the order of its lines. */
export async function validateConfig(text: string, options: ValidateOptions): Promise<readonly Problem[]> {
  const problems = options.level === "syntax" ? syntaxProblems(text) : await deepProblems(text, options);
  return inOrder(problems);
}

function syntaxProblems(text: string): readonly Problem[] {
  const result = parseYaml(text);
  return "problems" in result ? result.problems : [];
}

async function deepProblems(text: string, options: ValidateOptions): Promise<readonly Problem[]> {
  const { registry, loadPlugins, folder, environment, overrides = [], level } = options;
  const source = { kind: "text", text, shown: "" } as const;
  const { lookup } = environment;
  const result = await tryBuild({ source, overrides, registry, loadPlugins, folder, lookup });
  if ("problems" in result) return result.problems;
  const { draft, origins } = result.built;
  const { settings, issues } = completeSettings(draft, environment.lookup);
  // A file is checked where its variables need not be set; where secrets are asked for, all are.
  const judged = level === "schema" ? issues.map(softened) : issues;
  const found = judged.map((issue) => placeIssue(issue, draft.places, origins));
  if (level === "schema" || found.some((problem) => problem.severity === "error")) return found;
  const knowing = { ...options, registry: result.built.registry };
  return [...found, ...(await providerProblems(settings, draft, knowing))];
}

const softened = (issue: Issue): Issue =>
  issue.code === "variable_missing" ? { ...issue, severity: "warning" } : issue;

async function providerProblems(settings: Settings, draft: Draft, options: ValidateOptions) {
  const entries = settings.providers.filter((entry) => entry.enabled && !entry.implicit);
  const ofProviders = await Promise.all(
    entries.map((entry) => providerIssues(entry, settings, draft, options)),
  );
  const ofTenants = await Promise.all(
    Object.entries(settings.tenants.list).map(([name, { key }]) =>
      unresolved(key, ["tenants", "list", name, "key"], options),
    ),
  );
  return [...ofProviders, ...ofTenants].flat().map((issue) => placeIssue(issue, draft.places, new Map()));
}

async function providerIssues(
  entry: ProviderEntry,
  settings: Settings,
  { revision }: Draft,
  options: ValidateOptions,
): Promise<readonly Issue[]> {
  const path = ["providers", entry.id];
  const issues = [
    ...(await unresolved(entry.options, path, options)),
    ...(await unresolved(entry.headers, [...path, "headers"], options)),
  ];
  if (issues.length > 0 || options.level !== "provision" || !options.provision) return issues;
  try {
    await options.provision({ ...settings, path: null, revision }, entry.id, options.registry);
    return [];
  } catch (thrown) {
    return [{ ...issueOf(thrown, path), part: "key" }];
  }
}

/** The first secret inside a value that cannot be read. */
async function unresolved(value: unknown, path: Path, options: ValidateOptions): Promise<readonly Issue[]> {
  let reached: Path = path;
  const placeOf = (at: Path) => {
    reached = at;
    return undefined;
  };
  try {
    await resolveOptions(value, { ...options, path, placeOf, owner: "" });
    return [];
  } catch (thrown) {
    return [issueOf(thrown, reached)];
  }
}

const SECRET_CODES: readonly ProblemCode[] = ["secret_missing", "unsafe_permissions"];

function issueOf(thrown: unknown, path: Path): Issue {
  const { code, message, facts } = asRiptideError(thrown);
  const known = SECRET_CODES.find((candidate) => candidate === code) ?? "unusable";
  return { path, part: "value", code: known, message, suggestion: facts.hint };
}
