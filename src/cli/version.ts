declare const RIPTIDE_VERSION: string | undefined;

/** The package's version, put in by the build; the sources have none. */
export const VERSION = typeof RIPTIDE_VERSION === "string" ? RIPTIDE_VERSION : "0.0.0";
