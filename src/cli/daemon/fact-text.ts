import type { JsonObject } from "../../core/json.ts";

/** Facts of a log line or an event for people: `name=value`, and each problem after the first on a line of its own. */
export function factText(start: readonly string[], { problems, ...facts }: JsonObject): string {
  const said = Object.entries(facts).filter(([, value]) => value !== null);
  const words = said.map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const others = Array.isArray(problems) ? problems.slice(1) : [];
  return [[...start, ...words].join("  "), ...others.map((problem) => `    ${String(problem)}`)].join("\n");
}
