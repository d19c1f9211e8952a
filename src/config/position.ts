/** Keys and list positions from the top of the file down to one value. */
export type Path = readonly (string | number)[];

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a key and its value begin: line and column of the key, then of the value. */
export type Place = readonly [keyLine: number, keyColumn: number, valueLine: number, valueColumn: number];

/** Places by {@link pathKey}; JSON, so that the cache can hold them. */
export type Places = Readonly<Record<string, Place>>;

/** A path as one string that no other path has. */
export const pathKey = (path: Path): string => JSON.stringify(path);

/** A path as a person writes it: `models.default.targets[0]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Where a path stands in the file, or the nearest thing above it that does. */
export function positionOf(places: Places, path: Path, part: "key" | "value"): Position | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = places[pathKey(path.slice(0, length))];
    if (!place) continue;
    // What is missing is missing from the block above, which its key names best.
    const [keyLine, keyColumn, valueLine, valueColumn] = place;
    return part === "key" || length < path.length
      ? { line: keyLine, column: keyColumn }
      : { line: valueLine, column: valueColumn };
  }
  return undefined;
}
