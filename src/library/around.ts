import type { Environment } from "../config/environment.ts";
import type { Clock } from "../core/clock.ts";
import type { Redactor } from "../wire/redact.ts";

/** What an engine needs of the process it runs in. */
export interface Around {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly redactor: Redactor;
}
