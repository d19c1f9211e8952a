import { isAbsolute } from "node:path";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { checkBaseUrl } from "../wire/address.ts";
import type { AliasTimeouts, Budget, ProviderEntry } from "./config.ts";
import type { Settings } from "./draft.ts";
import { snakeKey } from "./expand.ts";
import type { Issue } from "./issues.ts";
import { type Path, pathText } from "./position.ts";

/** What no single key shows: names that must exist, values that must fit one another, addresses. */
export function crossIssues(settings: Settings): readonly Issue[] {
  return [
    ...Object.entries(settings.aliases).flatMap(([name, { targets }]) =>
      targetIssues(name, targets, settings),
    ),
    ...aliasNameIssues(settings),
    ...limitIssues(settings),
    ...budgetIssues(settings),
    ...tenantIssues(settings),
    ...settings.providers.flatMap(addressIssues),
    ...settings.providers.flatMap(fileIssues),
    ...listenIssues(settings),
  ];
}

function targetIssues(
  alias: string,
  targets: Settings["aliases"][string]["targets"],
  settings: Settings,
): readonly Issue[] {
  const seen = new Set<string>();
  return targets.flatMap(({ provider, model }, index) => {
    const path = ["models", alias, "targets", index];
    const text = `${provider}/${model}`;
    const issues = unknownProvider(provider, path, settings);
    if (seen.has(text))
      issues.push({ path, part: "value", code: "duplicate", message: `duplicate target "${text}"` });
    seen.add(text);
    return issues;
  });
}

function unknownProvider(id: string, path: Path, { providers }: Settings): Issue[] {
  const ids = providers.map((provider) => provider.id);
  return ids.includes(id) ? [] : [unknownName("provider", id, path, ids)];
}

function unknownName(what: string, name: string, path: Path, known: readonly string[]): Issue {
  const near = nearest(name, known);
  return {
    path,
    part: "value",
    code: "unknown_name",
    message: `unknown ${what} "${name}"`,
    suggestion: near ? `did you mean "${near}"?` : `known: ${known.join(", ") || "none"}`,
  };
}

function aliasNameIssues({ aliases, providers }: Settings): readonly Issue[] {
  const ids = new Set(providers.filter((provider) => !provider.implicit).map((provider) => provider.id));
  return Object.keys(aliases)
    .filter((name) => ids.has(name))
    .map((name) => ({
      path: ["models", name],
      part: "key",
      code: "duplicate",
      message: `the alias "${name}" has the name of a provider`,
      severity: "warning",
    }));
}

function limitIssues({ timeouts, aliases }: Settings): readonly Issue[] {
  const { maxMs, completionMs, embeddingMs } = timeouts;
  const check = (limits: AliasTimeouts, above: Path) =>
    Object.entries(limits).flatMap(([key, ms]: [string, number | undefined]): Issue[] => {
      if (ms === undefined || ms <= maxMs) return [];
      const path = [...above, snakeKey(key.replace(/Ms$/, ""))];
      const message = `${pathText(path)} (${formatDuration(ms)}) is longer than timeouts.max (${formatDuration(maxMs)})`;
      return [{ path, part: "value", code: "bad_value", message }];
    });
  return [
    ...check({ completionMs, embeddingMs }, ["timeouts"]),
    ...Object.entries(aliases).flatMap(([name, alias]) =>
      check(alias.timeouts, ["models", name, "timeouts"]),
    ),
  ];
}

function budgetIssues({ budgets, tenants, aliases }: Settings): readonly Issue[] {
  const check = (list: readonly Budget[], above: Path) =>
    list.flatMap(({ onExceeded }, index) =>
      onExceeded.action === "degrade" && !Object.hasOwn(aliases, onExceeded.alias)
        ? [unknownName("alias", onExceeded.alias, [...above, index, "on_exceeded"], Object.keys(aliases))]
        : [],
    );
  return [
    ...check(budgets, ["budgets"]),
    ...Object.entries(tenants.list).flatMap(([name, tenant]) =>
      check(tenant.budgets, ["tenants", "list", name, "budgets"]),
    ),
  ];
}

function tenantIssues(settings: Settings): readonly Issue[] {
  return Object.entries(settings.tenants.list).flatMap(([name, { providers }]) =>
    (["allow", "deny", "prefer"] as const).flatMap((list) =>
      providers[list].flatMap((id, index) =>
        unknownProvider(id, ["tenants", "list", name, "providers", list, index], settings),
      ),
    ),
  );
}

/** Every type says "base URL" or "endpoint" for where its requests go, plugins included. */
const ADDRESS_KEY = /^(baseUrl|.*endpoint)$/i;

function addressIssues({ id, options, allowPrivate }: ProviderEntry): readonly Issue[] {
  return Object.entries(options).flatMap(([key, value]): Issue[] => {
    if (typeof value !== "string" || !ADDRESS_KEY.test(key)) return [];
    try {
      checkBaseUrl(value, { allowPrivate });
      return [];
    } catch (thrown) {
      const { message, facts } = asRiptideError(thrown);
      const path = ["providers", id, snakeKey(key)];
      return [{ path, part: "value", code: "bad_address", message, suggestion: facts.hint }];
    }
  });
}

/** A path that begins at the current folder would let a cloned repository say whom to trust. */
function fileIssues({ id, caFile, options }: ProviderEntry): readonly Issue[] {
  return Object.entries({ ...options, caFile }).flatMap(([key, path]): Issue[] => {
    if (!key.endsWith("File") || typeof path !== "string" || isAbsolute(path)) return [];
    const message = "expected an absolute path";
    return [{ path: ["providers", id, snakeKey(key)], part: "value", code: "bad_value", message }];
  });
}

/** H-3: of this machine alone, and nobody without a key. */
function listenIssues({ daemon, tenants }: Settings): readonly Issue[] {
  if (daemon.listen === null) return [];
  const hasKey = Object.values(tenants.list).some((tenant) => tenant.key !== undefined);
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\]):/.test(daemon.listen);
  const problems = [
    ...(isHere ? [] : ["daemon.listen must be an address of this machine, such as 127.0.0.1:4100"]),
    ...(hasKey ? [] : ["daemon.listen needs a tenant with a key, or anyone on this machine could spend"]),
  ];
  return problems.map((message) => ({
    path: ["daemon", "listen"],
    part: "value",
    code: "unusable",
    message,
  }));
}
