import { deniesTarget } from "../../admission/access.ts";
import { asRiptideError } from "../../core/errors.ts";
import { tenantRules } from "../../engine/tenant-rules.ts";
import type { RoutingTable, Target } from "../../routing/target.ts";
import type { Daemon } from "../context.ts";
import { decodedSegment } from "../control/control-route.ts";
import { openAiChat } from "../dialects/openai/chat.ts";
import { modelList, modelNamed } from "../dialects/openai/models.ts";
import { type Exchange, headerOf, replyError, replyJson } from "../http/exchange.ts";
import { identify } from "../identity.ts";
import type { Route } from "../routes.ts";
import { requestIdOf } from "../wishes.ts";

/** Every name that `model` may be for whoever asks. */
export const modelsRoute: Route = (exchange, daemon) =>
  answer(exchange, daemon, (table, sinceMs) => modelList(table, sinceMs));

const PREFIX = "/v1/models/";

/** One of them; a slash in its name may come as it is or encoded. */
export const modelRoute: Route = (exchange, daemon) =>
  answer(exchange, daemon, (table, sinceMs) => {
    const id = decodedSegment(exchange.path.slice(PREFIX.length));
    return modelNamed(id, table, sinceMs);
  });

async function answer(
  exchange: Exchange,
  daemon: Daemon,
  read: (table: RoutingTable, sinceMs: number) => ReturnType<typeof modelList>,
): Promise<void> {
  const id = requestIdOf(exchange) ?? daemon.newId();
  const headers = { "x-riptide-request-id": id, "x-request-id": id };
  const current = daemon.generations.current();
  try {
    const tenant = identify(exchange, headerOf(exchange, "x-riptide-tenant"), current);
    replyJson(exchange, read(tableFor(tenant, current.generation), current.loadedMs), headers);
  } catch (thrown) {
    const error = asRiptideError(thrown);
    replyError(exchange, error, openAiChat.errorBody(error, id), headers);
  }
}

type Generation = ReturnType<Daemon["generations"]["current"]>["generation"];

/** What a tenant may use, without providers that only work when they are named. */
function tableFor(tenant: string, { table, config }: Generation): RoutingTable {
  const { access } = tenantRules(config, tenant, {});
  const isImplicit = new Set(config.providers.flatMap(({ id, implicit }) => (implicit ? [id] : [])));
  const isFree = (target: Target, alias: string | null) =>
    deniesTarget(access, { ...target, alias }) === undefined;
  const aliases = [...table.aliases].flatMap(([name, alias]) => {
    const targets = alias.targets.filter((target) => isFree(target, name));
    return targets.length > 0 ? [[name, { ...alias, targets }] as const] : [];
  });
  const providers = table.providers
    .filter(({ id }) => !isImplicit.has(id))
    .map((provider) => ({
      ...provider,
      models: provider.models.filter((model) => isFree({ provider: provider.id, model }, null)),
    }));
  return { ...table, aliases: new Map(aliases), providers };
}
