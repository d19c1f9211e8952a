const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads a duration such as `250ms`, `5s` or `1.5h` as milliseconds; undefined when it is not one. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text.trim());
  if (!match?.[1]) return undefined;
  return Math.round(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]); // The pattern admits only UNITS.
}

/** Writes milliseconds as a person reads them: `800 ms`, `1.5 s`, `2 m`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${trim(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${trim(ms / 60_000)} m`;
  return `${trim(ms / 3_600_000)} h`;
}

const trim = (value: number) => String(Math.round(value * 100) / 100);
