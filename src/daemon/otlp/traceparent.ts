/** The trace of a caller that a request is part of. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** False where the caller has decided that this trace is not recorded. */
  readonly isSampled: boolean;
}

/** A later version may say more behind a dash; this one is exactly so long (W3C Trace Context, 3.2 and 4.3). */
const HEADER = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads the header `traceparent`; undefined for what is none, which begins a trace of its own. */
export function parseTraceParent(header: string | undefined): TraceParent | undefined {
  const [, version, traceId, spanId, flags, more] = HEADER.exec(header ?? "") ?? [];
  if (!traceId || !spanId || !flags || (version === "00" && more !== undefined)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
