import { RiptideError } from "../../core/errors.ts";
import type { Daemon } from "../context.ts";
import type { Routes } from "../routes.ts";
import type { Exchange } from "./exchange.ts";
import { refuse } from "./refuse.ts";

const HTTP_NO_CONTENT = 204;
const HTTP_METHOD_NOT_ALLOWED = 405;
const MAX_PATH_CHARACTERS = 200;
/** What `OPTIONS *` asks for (RFC 9110, section 9.3.7). */
const EVERYWHERE = ["GET", "HEAD", "POST", "OPTIONS"] as const;

/** Answers a request for which there is no route: a question for the methods of a path, or a mistake. */
export function answerUnknown(exchange: Exchange, daemon: Daemon, routes: Routes): void {
  const { method, response } = exchange;
  const path = exchange.path.slice(0, MAX_PATH_CHARACTERS);
  const methods = path === "*" ? EVERYWHERE : routes.methodsOf(exchange.path);
  const allow = methods.join(", ");
  if (methods.length === 0) {
    refuse(exchange, daemon, routes, new RiptideError("not_found", `there is no ${method} ${path}`));
    return;
  }
  if (method === "OPTIONS") {
    response.writeHead(HTTP_NO_CONTENT, { allow });
    response.end();
    return;
  }
  const error = new RiptideError("invalid_request", `${path} takes ${allow}, not ${method}`, {
    httpStatus: HTTP_METHOD_NOT_ALLOWED,
  });
  refuse(exchange, daemon, routes, error, { allow });
}
