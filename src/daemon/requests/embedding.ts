import { asRiptideError, type RiptideError } from "../../core/errors.ts";
import { type EmbeddingResult, embed, type GrowingRecord } from "../../engine/embed.ts";
import type { EmbeddingOperation } from "../../engine/operation.ts";
import type { Daemon } from "../context.ts";
import type { EmbeddingAsk, EmbeddingDialect, Wishes } from "../dialects/dialect.ts";
import { readJsonObject } from "../http/body.ts";
import { type Exchange, replyJson } from "../http/exchange.ts";
import type { Route } from "../routes.ts";
import { requestIdOf } from "../wishes.ts";
import { type Admitted, letIn, refuseUnread } from "./admit.ts";
import { replyFailed } from "./failed.ts";
import { answerHeaders, warningHeader } from "./headers.ts";

/** A route on which one dialect asks for vectors. */
export function embeddingRoute(dialect: EmbeddingDialect): Route {
  const route = async (exchange: Exchange, daemon: Daemon): Promise<void> => {
    const id = requestIdOf(exchange) ?? daemon.newId();
    const record = newRecord();
    let admitted: Admitted | undefined;
    try {
      refuseUnread(exchange, daemon, { id, dialect: dialect.name, class: "embedding" });
      const ask = dialect.ask(await readJsonObject(exchange.request));
      const entry = {
        id,
        dialect: dialect.name,
        wishes: withAlias(ask.wishes, daemon.generations.current().generation.config.aliases),
        class: "embedding",
        stream: false,
      } as const;
      admitted = await letIn(exchange, daemon, entry);
      const result = await work(ask, admitted, { daemon, record });
      const headers = answerHeaders(result, admitted, [...ask.warnings, ...result.warnings]);
      replyJson(exchange, dialect.answer(result, ask, admitted.facts), headers);
    } catch (thrown) {
      const { attempts } = record.trail;
      const generation = admitted?.lease.number;
      const story = { ...record.trail, ...record.notices };
      const failure = { error: asRiptideError(thrown), id, attempts: attempts.length, generation, story };
      replyFailed(exchange, daemon, dialect, failure, warningHeader(record.notices.warnings));
    } finally {
      admitted?.leave();
    }
  };
  return Object.assign(route, {
    errorBody: (error: RiptideError, id: string | undefined) => dialect.errorBody(error, id),
  });
}

/** The alias `embed` is what `default` is for completions, where the configuration has it. */
const withAlias = (wishes: Wishes, aliases: object): Wishes =>
  wishes.route.model === undefined && "embed" in aliases
    ? { ...wishes, route: { ...wishes.route, model: "embed" } }
    : wishes;

const newRecord = (): GrowingRecord => ({
  trail: { attempts: [], skipped: [] },
  notices: { alerts: [], warnings: [] },
});

interface Working {
  readonly daemon: Daemon;
  readonly record: GrowingRecord;
}

async function work(ask: EmbeddingAsk, admitted: Admitted, working: Working): Promise<EmbeddingResult> {
  const { clock, observer } = working.daemon;
  const startedAt = clock.now();
  const ended = (error: RiptideError | undefined, usage?: EmbeddingResult["usage"]) => {
    const totalMs = clock.now() - startedAt;
    observer.ended(admitted.work, { ...working.record.trail, error, usage, totalMs, firstTokenMs: null });
  };
  observer.began(admitted.work);
  try {
    const result = await embedPatiently(ask, admitted, working.record);
    ended(undefined, result.usage);
    return result;
  } catch (thrown) {
    ended(asRiptideError(thrown));
    throw thrown;
  }
}

/** A tenant without a place waits for it first. */
async function embedPatiently(
  { texts, dimensions }: EmbeddingAsk,
  { asked, engine, patience }: Admitted,
  record: GrowingRecord,
): Promise<EmbeddingResult> {
  for (;;) {
    const operation: EmbeddingOperation = { ...asked, texts, dimensions, queueMs: patience.queueMs() };
    try {
      return await embed(operation, engine, record);
    } catch (thrown) {
      const error = asRiptideError(thrown);
      if (record.trail.attempts.length > 0 || !(await patience.again(error))) throw error;
      record.trail.skipped.length = 0;
    }
  }
}
