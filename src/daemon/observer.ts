import type { RiptideError } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";
import type { Usage } from "../core/usage.ts";
import type { Trail } from "../engine/events.ts";

/** One request that does work, as those who count and log it see it. */
export interface Work {
  readonly id: string;
  readonly tenant: string;
  readonly dialect: string;
  readonly class: OperationClass;
  readonly stream: boolean;
  readonly generation: number;
  /** The header of that name: the trace of the caller. */
  readonly traceparent?: string | undefined;
}

/** How it ended; a request that was refused has no attempts. */
export interface Ending extends Trail {
  readonly error: RiptideError | undefined;
  readonly totalMs: number;
  readonly firstTokenMs: number | null;
  /** Absent where nobody answered. */
  readonly usage?: Usage | undefined;
}

/** Sees the work of the daemon. It must not throw, nor wait. */
export interface Observer {
  began(work: Work): void;
  ended(work: Work, ending: Ending): void;
}
