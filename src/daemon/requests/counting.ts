import { asRiptideError } from "../../core/errors.ts";
import { countTokens } from "../../engine/count-tokens.ts";
import type { Daemon } from "../context.ts";
import type { CountDialect } from "../dialects/anthropic/count-tokens.ts";
import { readJsonObject } from "../http/body.ts";
import { type Exchange, replyJson } from "../http/exchange.ts";
import { identify } from "../identity.ts";
import type { Route } from "../routes.ts";
import { withHeaders } from "../wishes.ts";
import { replyFailed } from "./failed.ts";
import { idHeaders } from "./headers.ts";

/** A route on which one dialect asks how long a prompt is. It is free, so nobody waits for a turn. */
export function countingRoute(dialect: CountDialect): Route {
  const route = async (exchange: Exchange, daemon: Daemon): Promise<void> => {
    const id = daemon.newId();
    const lease = daemon.generations.enter();
    try {
      const ask = dialect.ask(await readJsonObject(exchange.request), exchange.request.headers);
      const wishes = withHeaders(ask.wishes, exchange);
      const tenant = identify(exchange, wishes.tenant, lease);
      const { stages, guard, clock, random } = daemon;
      const asked = {
        ...wishes,
        tenant,
        dialect: dialect.name,
        via: "daemon",
        signal: exchange.signal,
      } as const;
      const engine = { generation: lease.generation, stages, guard, clock, random };
      const count = await countTokens({ ...asked, id, request: ask.request }, engine);
      replyJson(exchange, dialect.answer(count), {
        ...idHeaders(dialect.name, id),
        "x-riptide-provider": count.provider,
        "x-riptide-model": count.model,
        "x-riptide-generation": String(lease.number),
        ...(!count.exact && { "x-riptide-warnings": "the count is an estimate" }),
      });
    } catch (thrown) {
      const error = asRiptideError(thrown);
      replyFailed(exchange, daemon, dialect, { error, id, attempts: 0, generation: lease.number });
    } finally {
      lease.release();
    }
  };
  return Object.assign(route, { errorBody: dialect.errorBody });
}
