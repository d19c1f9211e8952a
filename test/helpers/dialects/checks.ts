export type ObjectValue = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is ObjectValue =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A problem for each key that is not known. */
export const strangers = (value: ObjectValue, known: readonly string[]): string[] =>
  Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${key}: Extra inputs are not permitted`);

/** The problem, where something is not as it has to be. */
export const unless = (fine: unknown, problem: string): string[] => (fine ? [] : [problem]);
