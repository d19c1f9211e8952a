import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { ERRORS } from "../../../../src/core/errors.ts";
import type { JsonObject } from "../../../../src/core/json.ts";
import { anthropicMessages } from "../../../../src/daemon/dialects/anthropic/messages.ts";
import type { AnswerFacts } from "../../../../src/daemon/dialects/dialect.ts";
import type { PipelineEvent } from "../../../../src/engine/events.ts";
import { ask } from "../../../helpers/ask.ts";
import type { Stage } from "../../../helpers/fake-provider.ts";

export const facts: AnswerFacts = {
  id: "rq_1",
  tenant: "default",
  tags: {},
  requested: { model: "default", strategy: "sequential" },
  configRevision: "r",
  arrivedMs: 0,
};

/** A server that has only the dialect between it and the pipeline, and a client of it. */
export async function serve(stage: Stage): Promise<{ readonly client: Anthropic; stop(): void }> {
  const server = createServer((incoming, outgoing) => answer(stage, incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const client = new Anthropic({ apiKey: "any", baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 });
  return { client, stop: () => server.close().closeAllConnections() };
}

async function answer(stage: Stage, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // A body without an encoding is bytes.
  const asked = anthropicMessages.ask(JSON.parse(Buffer.concat(chunks).toString()) as JsonObject); // The SDK sent it.
  const { request, stream } = asked;
  const write = anthropicMessages.stream(asked, facts);
  const reply = (status: number, body: JsonObject) => {
    outgoing.writeHead(status, { "content-type": "application/json" });
    outgoing.end(JSON.stringify(body));
  };
  const onWhole = (event: PipelineEvent) => {
    if (event.type === "end") reply(200, anthropicMessages.answer(event.completion, asked, facts));
    if (event.type === "error")
      reply(ERRORS[event.error.code].http, anthropicMessages.errorBody(event.error, event.id));
  };
  const onStreamed = (event: PipelineEvent) => {
    if (event.type === "error" && !outgoing.headersSent) return onWhole(event);
    const text = write(event);
    if (text === "") return;
    if (!outgoing.headersSent) outgoing.writeHead(200, { "content-type": anthropicMessages.streamType });
    outgoing.write(text, () => event.type === "error" && outgoing.destroy());
    if (event.type === "end") outgoing.end();
  };
  await ask(stage, { id: facts.id, request, stream, onEvent: stream ? onStreamed : onWhole }).done;
}
