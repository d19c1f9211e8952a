/** For a schema that reads one value: generating code for it would take longer than the reading. */
export const ONE_PARSE = { jitless: true } as const;
