import { asRiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { checkBaseUrl } from "../wire/address.ts";
import type { Budget, ProviderEntry } from "./config.ts";
import type { Settings } from "./draft.ts";
import { snakeKey } from "./expand.ts";
import type { Issue } from "./issues.ts";
import type { Path } from "./position.ts";

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
  const tooLong = (ms: number | undefined) => ms !== undefined && ms > timeouts.maxMs;
  const issue = (path: Path): Issue => ({
    path,
    part: "value",
    code: "bad_value",
    message: "longer than timeouts.max",
  });
  const own = { completion: timeouts.completionMs, embedding: timeouts.embeddingMs };
  return [
    ...Object.entries(own).flatMap(([key, ms]) => (tooLong(ms) ? [issue(["timeouts", key])] : [])),
    ...Object.entries(aliases).flatMap(([name, alias]) => [
      ...(tooLong(alias.timeouts.completionMs) ? [issue(["models", name, "timeouts", "completion"])] : []),
      ...(tooLong(alias.timeouts.embeddingMs) ? [issue(["models", name, "timeouts", "embedding"])] : []),
    ]),
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

function listenIssues({ daemon, tenants }: Settings): readonly Issue[] {
  const hasKey = Object.values(tenants.list).some((tenant) => tenant.key !== undefined);
  if (daemon.listen === null || hasKey) return [];
  const message = "daemon.listen needs a tenant with a key, or anyone on this machine could spend";
  return [{ path: ["daemon", "listen"], part: "value", code: "unusable", message }];
}
