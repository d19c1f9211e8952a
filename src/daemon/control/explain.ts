import type { CompletionOperation } from "../../engine/operation.ts";
import { routeDocument } from "../../output/plan.ts";
import { routeFacts } from "../../output/route-facts.ts";
import { nativeCompletion } from "../dialects/native.ts";
import { readJsonObject } from "../http/body.ts";
import { identify } from "../identity.ts";
import { withHeaders } from "../wishes.ts";
import type { Handler } from "./control-route.ts";

/** `POST /riptide/v1/route/explain`: the order in which the targets of a request would be asked; nothing is sent. */
export const explainRoute: Handler = async (exchange, { daemon, engine }) => {
  const ask = nativeCompletion.ask(await readJsonObject(exchange.request));
  const wishes = withHeaders(ask.wishes, exchange);
  const lease = daemon.generations.enter();
  try {
    const operation: CompletionOperation = {
      ...wishes,
      id: wishes.id ?? daemon.newId(),
      tenant: identify(exchange, wishes.tenant, lease),
      ...{ dialect: "native", via: "daemon", signal: exchange.signal },
      ...{ request: ask.request, stream: ask.stream },
      ...{ strictParams: ask.strictParams, showReasoning: ask.showReasoning },
    };
    const facts = await routeFacts(operation, { ...engine(), generation: lease.generation });
    return { document: routeDocument(facts) };
  } finally {
    lease.release();
  }
};
