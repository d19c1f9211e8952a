import type { ModelFinish, Thoughts } from "./completion.ts";
import type { Usage } from "./usage.ts";

/**
 * What a provider's stream says, in RipTide's words. A decoder throws a RiptideError for a malformed frame and
 * for an error the provider reports in band.
 */
export type StreamEvent =
  | { readonly type: "model"; readonly model: string }
  | { readonly type: "delta"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** The same as a whole, once it is signed. */
  | ({ readonly type: "thoughts" } & Thoughts)
  | {
      readonly type: "tool_call";
      readonly index: number;
      /** Given once, with the first event of an index. */
      readonly id?: string;
      readonly name?: string;
      readonly argumentsDelta: string;
    }
  /** Cumulative: a later one replaces an earlier one. */
  | { readonly type: "usage"; readonly usage: Usage }
  | {
      readonly type: "finish";
      readonly finish: ModelFinish;
      readonly unknownFinish?: string;
      readonly refusal?: string;
    }
  /** The dialect's terminal marker was seen: the answer is whole, though usage may still follow (SR-1). */
  | { readonly type: "terminal" }
  /** Nothing more can follow. Implies `terminal`. */
  | { readonly type: "done" };
