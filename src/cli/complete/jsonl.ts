import type { Json } from "../../core/json.ts";
import type { PipelineEvent } from "../../engine/events.ts";
import { attemptDocument, type CallFacts, completionDocument } from "../../output/completion.ts";
import { documentText, toSnake } from "../../output/json.ts";
import type { Call } from "../command.ts";
import { fail, type Presenter, shortfall, tellShortfall, warn } from "./presenter.ts";

/** One event a line on stdout, each written at once; the last is `end` or `error`. */
export function jsonlPresenter(call: Call, facts: CallFacts): Presenter {
  return async (events) => {
    let id = "";
    for await (const event of events) {
      if (event.type === "error") return fail(call, event);
      if (event.type === "start") id = event.id;
      await call.io.stdout.write(documentText({ type: event.type, id, ...bodyOf(event, call, facts) }));
      if (event.type !== "end") continue;
      await warn(call, event.completion);
      return tellShortfall(call, shortfall(call, event.completion));
    }
    return 0;
  };
}

type Told = Exclude<PipelineEvent, { type: "error" }>;

function bodyOf(event: Told, call: Call, facts: CallFacts): { readonly [key: string]: Json } {
  switch (event.type) {
    case "start":
      return { schema: "riptide.events/1", plan: toSnake(event.plan) };
    case "attempt":
      return { attempt: toSnake(attemptDocument(event.attempt)) };
    case "delta":
    case "reasoning":
      return { text: event.text };
    case "tool_call": {
      const { index, callId, name, argumentsDelta } = event;
      return { index, call_id: callId, name, arguments_delta: argumentsDelta };
    }
    case "failover":
      return { from: toSnake(event.from), to: toSnake(event.to), code: event.code, mode: event.mode };
    case "usage":
      return { usage: toSnake(event.usage) };
    case "end": {
      const document = completionDocument(event.completion, facts, shortfall(call, event.completion));
      // The text went out as deltas.
      const { text: _text, ...completion } = document as { readonly [key: string]: Json };
      return { completion };
    }
  }
}
