import { RiptideError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";

/**
 * A secret as the value of an `authorization` header, for the daemon's own socket.
 * @param name What the secret is called, for the error.
 * @throws RiptideError `usage` for one that no header may hold
 */
export function bearer(secret: Secret, name: string): string {
  const text = secret.reveal();
  if (/^[\x21-\x7e]+$/.test(text)) return `Bearer ${text}`;
  throw new RiptideError("usage", `${name} holds a character that no header may hold`);
}
