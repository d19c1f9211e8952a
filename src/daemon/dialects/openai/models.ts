import { RiptideError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { type RoutingTable, targetText } from "../../../routing/target.ts";
import { createdAt } from "./answer.ts";

/**
 * Every name that `model` may be, as OpenAI lists models: aliases first, then the target of each.
 * @param sinceMs Unix milliseconds since when the names mean what they mean: that of the configuration.
 */
export function modelList(table: RoutingTable, sinceMs: number): JsonObject {
  const owners = ownersOf(table);
  return { object: "list", data: [...owners].map(([id, owner]) => modelObject(id, owner, sinceMs)) };
}

/**
 * One of them, or a vendor's model under its own name.
 * @throws RiptideError `not_found`
 */
export function modelNamed(id: string, table: RoutingTable, sinceMs: number): JsonObject {
  const owner = ownersOf(table).get(id) ?? table.providers.find(({ models }) => models.includes(id))?.id;
  if (owner !== undefined) return modelObject(id, owner, sinceMs);
  throw new RiptideError("not_found", `there is no model "${id.slice(0, 200)}"`, {
    hint: "riptide models list",
  });
}

const OURS = "riptide";

function ownersOf({ aliases, providers }: RoutingTable): ReadonlyMap<string, string> {
  const targets = [
    ...[...aliases.values()].flatMap((alias) => alias.targets),
    ...providers.flatMap(({ id, models }) => models.map((model) => ({ provider: id, model }))),
  ];
  const named = targets.map((target) => [targetText(target), target.provider] as const);
  return new Map([...[...aliases.keys()].map((name) => [name, OURS] as const), ...named]);
}

const modelObject = (id: string, owner: string, sinceMs: number): JsonObject => ({
  id,
  object: "model",
  created: createdAt(sinceMs),
  owned_by: owner,
});
