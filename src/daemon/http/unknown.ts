import { RiptideError } from "../../core/errors.ts";
import type { Routes } from "../routes.ts";
import type { Exchange } from "./exchange.ts";
import { refuse } from "./refuse.ts";

const HTTP_NO_CONTENT = 204;
const HTTP_METHOD_NOT_ALLOWED = 405;
const MAX_PATH_CHARACTERS = 200;

/** Answers a request for which there is no route: a question for the methods of a path, or a mistake. */
export function answerUnknown(exchange: Exchange, routes: Routes): void {
  const { method, response } = exchange;
  const path = exchange.path.slice(0, MAX_PATH_CHARACTERS);
  const methods = routes.methodsOf(exchange.path);
  const allow = methods.join(", ");
  if (methods.length === 0) {
    refuse(exchange, routes, new RiptideError("not_found", `there is no ${method} ${path}`));
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
  refuse(exchange, routes, error, { allow });
}
