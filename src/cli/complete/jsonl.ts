import type { Json } from "../../core/json.ts";
import type { PipelineEvent } from "../../engine/events.ts";
import {
  attemptDocument,
  type CallFacts,
  completionDocument,
  trailDocument,
} from "../../output/completion.ts";
import { errorDocument, errorLine } from "../../output/error-text.ts";
import { documentText, toSnake } from "../../output/json.ts";
import type { Call } from "../command.ts";
import { type Presenter, shortfall } from "./presenter.ts";

/** One event a line on stdout, each written at once; the last is `end` or `error`. */
export function jsonlPresenter(call: Call, facts: CallFacts): Presenter {
  return async (events) => {
    let id = "";
    let exit = 0;
    for await (const event of events) {
      if (event.type === "start") id = event.id;
      const line = { type: event.type, id, ...bodyOf(event, call, facts) };
      await call.io.stdout.write(call.io.redactor.redact(documentText(line)));
      if (event.type === "end") exit = shortfall(call, event.completion)?.exit ?? 0;
      if (event.type !== "error") continue;
      exit = event.error.exit;
      await call.io.stderr.write(`${errorLine(event.error)}\n`);
    }
    return exit;
  };
}

function bodyOf(event: PipelineEvent, call: Call, facts: CallFacts): { readonly [key: string]: Json } {
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
    case "error": {
      const operation = { id: event.id, partialText: event.partialText, ...trailDocument(event) };
      return errorDocument(event.error, operation) as { readonly [key: string]: Json };
    }
  }
}
