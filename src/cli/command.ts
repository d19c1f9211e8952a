import type { Flag, Given } from "./flags.ts";
import type { Io } from "./io.ts";

/** One command, as data; its work is a chunk of its own, loaded when it runs. */
export interface Command {
  /** The words that name it: `["config", "show"]`. */
  readonly path: readonly string[];
  readonly aliases?: readonly string[];
  /** Runs when its group is named without a verb. */
  readonly isGroupDefault?: boolean;
  /** Not for people: it stands in no help. */
  readonly isHidden?: boolean;
  readonly summary: string;
  /** Its arguments, for the usage line. */
  readonly usage: string;
  readonly flags: readonly Flag[];
  /** Whole command lines for its help, each of which works. */
  readonly examples?: readonly string[];
  /** Output formats besides text. */
  readonly formats: readonly Format[];
  readonly load: () => Promise<Run>;
}

export type Format = "text" | "json" | "jsonl" | "csv" | "md" | "focus";

/** Does the work and resolves to the exit code; throws a RiptideError otherwise. */
export type Run = (call: Call) => Promise<number>;

export interface Call {
  readonly io: Io;
  readonly given: Given;
  readonly format: Format;
  /** All there are, for help. */
  readonly commands: readonly Command[];
}
