import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { asRiptideError, ERRORS, type RiptideError } from "../../../src/core/errors.ts";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import { seededRandom } from "../../../src/core/random.ts";
import type {
  AnswerFacts,
  CompletionDialect,
  EmbeddingDialect,
  StreamWriter,
} from "../../../src/daemon/dialects/dialect.ts";
import { embed } from "../../../src/engine/embed.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { CompletionResult, PipelineEvent } from "../../../src/engine/events.ts";
import { openGuard } from "../../../src/engine/guard.ts";
import { complete } from "../../../src/engine/pipeline.ts";
import { openStages } from "../../../src/engine/stages.ts";
import type { Stage } from "../../helpers/fake-provider.ts";

export const FACTS: AnswerFacts = {
  ...{ id: "rq_test", tenant: "default", tags: {}, configRevision: "r1", arrivedMs: 1_795_000_000_999 },
  requested: { model: "default", strategy: "sequential" },
};

export interface DialectServer {
  readonly url: string;
  readonly stage: Stage;
  close(): Promise<void>;
}

/** One dialect over the pipeline on a loopback port, as short as a server of it can be. */
export async function serveDialect(
  stage: Stage,
  { chat, embeddings }: { readonly chat: CompletionDialect; readonly embeddings: EmbeddingDialect },
): Promise<DialectServer> {
  const { clock, generation } = stage;
  const engine: Engine = {
    ...{ clock, generation, stages: openStages, guard: openGuard, random: seededRandom(1) },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
    const work = request.url?.endsWith("embeddings")
      ? answerEmbedding(embeddings, body, engine, response)
      : answerChat(chat, body, engine, response);
    await work.catch((thrown) => refuse(response, asRiptideError(thrown), chat));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}/v1`,
    stage,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const common = (dialect: { readonly name: string }) => ({
  ...{ id: FACTS.id, tenant: FACTS.tenant, dialect: dialect.name, via: "daemon" as const },
  signal: new AbortController().signal,
});

async function answerChat(
  dialect: CompletionDialect,
  body: JsonObject,
  engine: Engine,
  response: ServerResponse,
) {
  const ask = dialect.ask(body);
  const { request, stream, showReasoning } = ask;
  const operation = {
    ...ask.wishes,
    ...common(dialect),
    request,
    stream,
    showReasoning,
    strictParams: false,
  };
  const events = complete(operation, engine);
  if (stream) await writeStream(dialect, dialect.stream(ask, FACTS), events, response);
  else await writeWhole(dialect, (result) => dialect.answer(result, ask, FACTS), events, response);
}

async function writeWhole(
  dialect: CompletionDialect,
  answerOf: (result: CompletionResult) => Json,
  events: AsyncIterable<PipelineEvent>,
  response: ServerResponse,
) {
  for await (const event of events) {
    if (event.type === "error") refuse(response, event.error, dialect);
    if (event.type === "end") json(response, answerOf(event.completion));
  }
}

async function writeStream(
  dialect: CompletionDialect,
  write: StreamWriter,
  events: AsyncIterable<PipelineEvent>,
  response: ServerResponse,
) {
  for await (const event of events) {
    const text = write(event);
    if (event.type === "error" && !response.headersSent) return refuse(response, event.error, dialect);
    if (text === "") continue;
    if (!response.headersSent) response.writeHead(200, { "content-type": dialect.streamType });
    response.write(text);
    if (event.type === "error") return void response.write("", () => response.destroy());
  }
  response.end();
}

async function answerEmbedding(
  dialect: EmbeddingDialect,
  body: JsonObject,
  engine: Engine,
  response: ServerResponse,
) {
  const ask = dialect.ask(body);
  const { texts, dimensions } = ask;
  const operation = { ...ask.wishes, ...common(dialect), texts, dimensions };
  const record = { trail: { attempts: [], skipped: [] }, notices: { alerts: [], warnings: [] } };
  json(response, dialect.answer(await embed(operation, engine, record), ask, FACTS));
}

const refuse = (response: ServerResponse, error: RiptideError, dialect: CompletionDialect) =>
  json(response, dialect.errorBody(error, FACTS.id), ERRORS[error.code].http);

function json(response: ServerResponse, body: Json, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
