import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const LENT = Symbol.for("riptide.library-lent");
const LIBRARY = /^riptide(\/testing)?$/;

/**
 * Lets plugins that were installed without RipTide beside them import `riptide` all the same: they get the library of
 * this very program. Node keeps one table of such rules a process, so that once is enough.
 */
export function lendLibrary(): void {
  if (LENT in globalThis) return;
  Object.defineProperty(globalThis, LENT, { value: true });
  const own = createRequire(import.meta.url);
  registerHooks({
    resolve(specifier, context, next) {
      if (!LIBRARY.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(pathToFileURL(own.resolve(specifier)).href, context);
      }
    },
  });
}
