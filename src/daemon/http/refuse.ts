import type { RiptideError } from "../../core/errors.ts";
import { errorDocument } from "../../output/error-text.ts";
import type { Daemon } from "../context.ts";
import type { Routes } from "../routes.ts";
import { requestIdOf } from "../wishes.ts";
import { type Exchange, type Headers, replyError } from "./exchange.ts";

/** Refuses a request before its route sees it, in the words of the route's callers, with an id to ask about. */
export function refuse(
  exchange: Exchange,
  daemon: Daemon,
  routes: Routes,
  error: RiptideError,
  headers: Headers = {},
): void {
  const id = requestIdOf(exchange) ?? daemon.newId();
  const body = routes.anyOf(exchange.path)?.errorBody?.(error, id) ?? errorDocument(error);
  replyError(exchange, error, body, { "x-riptide-request-id": id, ...headers });
}
