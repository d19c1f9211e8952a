import { RiptideError } from "../../core/errors.ts";
import type { Words } from "../../ledger/words.ts";

/** @throws RiptideError `usage` for a parameter that would do nothing, or that was given twice */
export function refuseOthers(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      throw new RiptideError("usage", `there is no parameter ${name.slice(0, 80)}`, {
        reasons: [`known: ${known.join(", ")}`],
      });
    }
    if (query.getAll(name).length > 1) throw new RiptideError("usage", `${name} was given twice`);
  }
}

/** Parameters as a command line has its flags. @throws as {@link refuseOthers} does */
export function wordsOf(query: URLSearchParams, known: readonly string[]): Words {
  refuseOthers(query, known);
  return { has: (name) => query.has(name), value: (name) => query.get(name) ?? undefined };
}
