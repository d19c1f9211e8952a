/** What a load generator is told to do, as the one argument of its process. */
export interface Order {
  readonly door: Door;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, as it is sent. */
  readonly body: string;
  /** Of each answer, where it is a stream; undefined for a whole answer. */
  readonly tokens?: number | undefined;
  /** Each asks again as soon as it has its answer, unless there is a rate. */
  readonly connections: number;
  /** Requests a second, sent whether or not earlier ones were answered; no more than `connections` at a time. */
  readonly ratePerSecond?: number | undefined;
  /** Over which the connections begin. */
  readonly rampMs: number;
  /** After the ramp and before anything is counted. */
  readonly warmMs: number;
  readonly measureMs: number;
  /** How long requests may take to end when no more are begun; what is left then is counted as unfinished. */
  readonly finishMs: number;
}

/** Where requests go to. */
export type Door = { readonly path: string } | { readonly host: string; readonly port: number };

/** What became of the requests of an order; rates and times are of the measured span, faults of the whole run. */
export interface LoadReport {
  readonly seconds: number;
  readonly requests: number;
  readonly tokens: number;
  /** From the request to the end of the answer. */
  readonly latencyMs: readonly number[];
  /** From the request to its first token. */
  readonly firstTokenMs: readonly number[];
  readonly faults: Faults;
}

/** All that must not happen; counted from the first request to the last. */
export interface Faults {
  /** Answers by what was wrong with them: a status, an error event, a cut. */
  readonly failures: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly merged: number;
  readonly reordered: number;
  /** Tokens that came with another text than was sent. */
  readonly altered: number;
  /** Of the text of tokens, each compared with what was sent. */
  readonly bytesCompared: number;
  readonly unfinished: number;
}

/** The lines of a load generator before its report. */
export const BEGUN = "begun";
export const ENDED = "ended";
