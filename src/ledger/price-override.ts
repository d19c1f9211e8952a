import type { UnitPrice } from "./price.ts";

/** A price as the configuration gives it; see UnitPrice. */
export interface OverridePrice {
  readonly inputNano: number;
  readonly outputNano: number;
  readonly cachedInputNano?: number | undefined;
  readonly cacheWriteNano?: number | undefined;
}

/** The exact name, else the longest pattern that fits. */
export function overrideFor(
  model: string,
  overrides: Readonly<Record<string, OverridePrice>>,
): UnitPrice | undefined {
  const fitting = Object.keys(overrides).filter((name) => name === model || fits(name, model));
  const exact = fitting.includes(model) ? model : undefined;
  const name = exact ?? fitting.toSorted((one, other) => other.length - one.length)[0];
  const found = name === undefined ? undefined : overrides[name];
  if (!found) return undefined;
  const { inputNano, outputNano, cachedInputNano, cacheWriteNano } = found;
  return {
    inputNano,
    outputNano,
    ...(cachedInputNano !== undefined && { cacheReadNano: cachedInputNano }),
    ...(cacheWriteNano !== undefined && { cacheWriteNano }),
  };
}

/** Whether a name with `*` fits a model; without backtracking, since the model may be anybody's text. */
function fits(pattern: string, model: string): boolean {
  const [first = "", ...parts] = pattern.split("*");
  const last = parts.pop();
  if (last === undefined || !model.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = model.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return model.length - at >= last.length && model.endsWith(last);
}
