/** Largest configuration that is read. */
export const MAX_FILE_BYTES = 2 ** 20;
