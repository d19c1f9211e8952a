import type { RiptideError } from "../../core/errors.ts";
import { errorDocument } from "../../output/error-text.ts";
import type { Routes } from "../routes.ts";
import { type Exchange, type Headers, replyError } from "./exchange.ts";

/** Refuses a request before its route sees it, in the words of the route's callers. */
export function refuse(exchange: Exchange, routes: Routes, error: RiptideError, headers: Headers = {}): void {
  const body = routes.anyOf(exchange.path)?.errorBody?.(error, undefined) ?? errorDocument(error);
  replyError(exchange, error, body, headers);
}
