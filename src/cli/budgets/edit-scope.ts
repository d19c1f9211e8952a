import type { Scope } from "../../config/edit-plans.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { isTenantName, TENANT_NAME } from "../../core/tenant.ts";
import type { Given } from "../flags.ts";

/** Whose budgets a command is about. @throws RiptideError `usage` for none, two, or a name that is none */
export function scopeOf(given: Given): Scope {
  if (!given.has("global")) return { tenant: tenantWord(given, "or --global for the whole installation") };
  if (given.words.length === 0) return "global";
  throw new RiptideError("usage", `--global cannot stand beside the tenant ${given.words.join(" ")}`);
}

/** The one tenant a command names. @throws RiptideError `usage` */
export function tenantWord({ words }: Given, also = ""): string {
  const [name, extra] = words;
  if (name === undefined) throw new RiptideError("usage", `name a tenant${also && `, ${also}`}`);
  if (extra !== undefined) throw new RiptideError("usage", `one tenant at a time, not also "${extra}"`);
  if (isTenantName(name)) return name;
  throw new RiptideError("usage", TENANT_NAME);
}

/** The period of a budget. @throws RiptideError `usage` */
export function periodOf(given: Given): string | undefined {
  const text = given.value("period");
  if (text === undefined || /^(hour|day|week|month|[1-9]\d{0,2}d)$/.test(text)) return text;
  throw new RiptideError(
    "usage",
    `--period wants hour, day, week, month or a number of days such as 30d, not "${text}"`,
  );
}

export const scopeText = (scope: Scope): string =>
  scope === "global" ? "the whole installation" : scope.tenant;

/** What a flag sets; an empty value is null and takes the key out of the file. */
export function valueUnlessEmpty(given: Given, flag: string, read: (text: string) => Json): Json | undefined {
  const text = given.value(flag);
  if (text === undefined) return undefined;
  return text === "" ? null : read(text);
}
