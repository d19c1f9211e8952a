/** What a tenant may be called, in the configuration and on the command line alike. */
export const isTenantName = (text: string): boolean => /^[A-Za-z0-9_][\w.@-]{0,63}$/.test(text);

/** The same in words. */
export const TENANT_NAME =
  "a tenant's name is 1 to 64 letters, digits, . _ @ or -, and does not begin with . @ or -";
