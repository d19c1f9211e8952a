import { asRiptideError, type RiptideError } from "../../core/errors.ts";
import type { Call } from "../command.ts";

export const CATEGORIES = ["runtime", "config", "secrets", "daemon", "network", "permissions"] as const;
export type Category = (typeof CATEGORIES)[number];

/** What one look at the set-up showed. */
export interface Finding {
  /** Within its category, such as `node`. */
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly summary: string;
  readonly details?: string | undefined;
  /** What to do about it. */
  readonly remediation?: string | undefined;
}

/** Looks at one side of the set-up; what it throws is a failure of that side. */
export type Examine = (call: Call) => Promise<readonly Finding[]>;

/** An error as a finding. */
export function findingOf(name: string, thrown: unknown, status: Finding["status"] = "fail"): Finding {
  const { message, facts }: RiptideError = asRiptideError(thrown);
  return {
    ...{ name, status, summary: message },
    details: facts.reasons?.join("; "),
    remediation: facts.hint,
  };
}
