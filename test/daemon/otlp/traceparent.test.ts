import { expect, it } from "vitest";
import { parseTraceParent } from "../../../src/daemon/otlp/traceparent.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const read = { traceId: TRACE, spanId: SPAN, isSampled: true };

it.each([
  ["a recorded trace is carried on", `00-${TRACE}-${SPAN}-01`, read],
  ["other flags say nothing of recording", `00-${TRACE}-${SPAN}-02`, { ...read, isSampled: false }],
  ["a later version may say more", `cc-${TRACE}-${SPAN}-01-what`, read],
  ["this version may not", `00-${TRACE}-${SPAN}-01-what`, undefined],
  ["version ff is none", `ff-${TRACE}-${SPAN}-01`, undefined],
  ["a trace of zeros is none", `00-${"0".repeat(32)}-${SPAN}-01`, undefined],
  ["a span of zeros is none", `00-${TRACE}-${"0".repeat(16)}-01`, undefined],
  ["capital letters are none", `00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
  ["two headers are none", `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, undefined],
  ["no header is none", undefined, undefined],
])("%s (W3C Trace Context)", (_name, header, expected) => {
  expect(parseTraceParent(header)).toEqual(expected);
});
