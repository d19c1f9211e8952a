import type { StreamEvent } from "../../src/core/events.ts";
import { DONE, delta, type FakeCall, fails, paced, type Step } from "./fake-provider.ts";

interface Telling {
  /** Code units of its own text after which it stops without an end; it tells all of it otherwise. */
  readonly cutAt?: number;
  /** It falls silent there instead. */
  readonly isSilent?: boolean;
  /** Code units in one event; 1 splits every pair of surrogates. */
  readonly piece?: number;
  readonly refusesPrefill?: boolean;
  /** Events before the text. */
  readonly first?: readonly StreamEvent[];
}

const LONG_MS = 1_000_000;

/** The begun answer it is sent. */
function begunOf({ request: { messages } }: FakeCall): string {
  const last = messages.at(-1);
  return last?.role === "assistant" ? last.content : "";
}

/** A model that always has the same text to tell: from its start, or from where a begun answer leaves off. */
export function tells(text: string, telling: Telling = {}): Step {
  const { cutAt = Number.POSITIVE_INFINITY, isSilent, piece = 4, refusesPrefill, first = [] } = telling;
  return (call, clock) => {
    const begun = begunOf(call);
    if (begun !== "" && refusesPrefill) return fails(400, "a begun answer is not taken")(call, clock);
    const rest = text.slice(text.startsWith(begun) ? begun.length : 0);
    const told = rest.slice(0, cutAt);
    const deltas = (told.match(new RegExp(`[\\s\\S]{1,${piece}}`, "g")) ?? []).map(delta);
    const end = told.length < rest.length ? (isSilent ? [LONG_MS] : []) : DONE;
    return paced(...first, ...deltas, ...end)(call, clock);
  };
}
