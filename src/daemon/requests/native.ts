import { nativeCompletion, nativeSse, streaming } from "../dialects/native.ts";
import { headerOf } from "../http/exchange.ts";
import type { Route } from "../routes.ts";
import { completionRoute } from "./completion.ts";

/** RipTide's own route: what the caller accepts says how it is answered. */
export function nativeRoute(): Route {
  const whole = completionRoute(nativeCompletion);
  const lines = completionRoute(streaming(nativeCompletion));
  const events = completionRoute(streaming(nativeSse));
  const route: Route = (exchange, daemon) => {
    const accepted = headerOf(exchange, "accept") ?? "";
    if (accepted.includes("application/x-ndjson")) return lines(exchange, daemon);
    if (accepted.includes("text/event-stream")) return events(exchange, daemon);
    return whole(exchange, daemon);
  };
  return Object.assign(route, { errorBody: whole.errorBody });
}
