import type { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { Daemon } from "./context.ts";
import type { Exchange } from "./http/exchange.ts";

/** Answers one request; it handles its own errors. */
export interface Route {
  (exchange: Exchange, daemon: Daemon): Promise<void>;
  /** How its callers are told of an error, where that is not `riptide.error/1`. */
  readonly errorBody?: ((error: RiptideError, id: string | undefined) => JsonObject) | undefined;
}

/** What the daemon answers, by method and path. */
export interface Routes {
  /** HEAD is answered as GET is. */
  find(method: string, path: string): Route | undefined;
  /** The methods a path takes, for the `allow` header; empty where there is no such path. */
  methodsOf(path: string): readonly string[];
  /** Any route of the path, which knows how its callers are told of errors. */
  anyOf(path: string): Route | undefined;
}

/**
 * @param table By `METHOD /path`; a last segment `*` takes any one segment and `**` all that follow, which the route
 * reads from the path.
 */
export function createRoutes(table: Readonly<Record<string, Route>>): Routes {
  const byPath = new Map<string, Map<string, Route>>();
  for (const [key, route] of Object.entries(table)) {
    const [method = "", path = ""] = key.split(" ");
    const methods = byPath.get(path) ?? new Map<string, Route>();
    byPath.set(path, methods.set(method, route));
  }
  const deeper = [...byPath].flatMap(([path, methods]) =>
    path.endsWith("/**") ? [[path.slice(0, -2), methods] as const] : [],
  );
  const methodsAt = (path: string) => {
    const exact = byPath.get(path);
    if (exact) return exact;
    const end = path.lastIndexOf("/") + 1;
    if (end === path.length) return undefined;
    return byPath.get(`${path.slice(0, end)}*`) ?? deeper.find(([start]) => path.startsWith(start))?.[1];
  };
  return {
    find(method, path) {
      const methods = methodsAt(path);
      return methods?.get(method) ?? (method === "HEAD" ? methods?.get("GET") : undefined);
    },
    methodsOf(path) {
      const methods = methodsAt(path);
      if (!methods) return [];
      return [...methods.keys(), ...(methods.has("GET") ? ["HEAD"] : []), "OPTIONS"];
    },
    anyOf: (path) => methodsAt(path)?.values().next().value,
  };
}
