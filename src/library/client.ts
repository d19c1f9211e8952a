import { asRiptideError, RiptideError } from "../core/errors.ts";
import { embed } from "../engine/embed.ts";
import type { Engine } from "../engine/engine.ts";
import type { Asked, CompletionOperation, StreamRecovery } from "../engine/operation.ts";
import { complete } from "../engine/pipeline.ts";
import type { HealthReport } from "../health/report.ts";
import { recordProbes } from "../store/probes.ts";
import {
  type ClientEvent,
  type CompletionResponse,
  completionResponse,
  type EmbeddingResponse,
  embeddingResponse,
} from "./answers.ts";
import { askedOf, type CallOptions, over } from "./asks.ts";
import { type Calls, createCalls } from "./calls.ts";
import { checkClient, checkCosts, checkEmbedding, checkHealth, checkOptions, want } from "./check.ts";
import { type CostsAsk, type CostsReport, costsReport } from "./costs.ts";
import { newRequestId } from "./engine.ts";
import { redacted } from "./errors.ts";
import { type HealthAsk, lookAt } from "./health.ts";
import type { LlmRegistry } from "./registry.ts";
import { type CompletionRequest, type PlainRequest, plainOf } from "./request.ts";
import { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";

/** What holds for every call of a client; a call's own options win. */
export interface ClientOptions extends Omit<CallOptions, "signal" | "idempotencyKey"> {
  /**
   * Where costs are booked and limits are kept. `machine` (unless given): the ledger that every `riptide` of this user
   * shares; `memory`: one that is forgotten with the client; else the path of a file.
   */
  readonly ledger?: RuntimeOptions["ledger"];
  /** Is told what people should know, such as a ledger that was set aside; a warning of the process unless given. */
  readonly onWarning?: (line: string) => void;
}

/** What can be said of a stream besides. */
export interface StreamOptions extends CallOptions {
  /** Whether an answer that breaks off may be carried on by another target. */
  readonly streamRecovery?: StreamRecovery;
}

/** What can be said of an embedding besides. */
export interface EmbedOptions extends CallOptions {
  readonly model?: string;
  readonly dimensions?: number;
}

/**
 * Asks the providers of a registry, with the limits, budgets, failover and ledger of the command line. Everything it
 * throws is a `RiptideError` with a code of the table in `riptide help exit-codes`.
 */
export class IntelligenceClient {
  readonly #providers: readonly string[] | undefined;
  readonly #defaults: CallOptions;
  readonly #runtime: Runtime;
  readonly #calls: Calls;

  /**
   * @param provider Whom to ask: one provider, or several in their order; without it aliases and models decide.
   * @throws RiptideError `usage` for options that there are not
   */
  constructor(registry: LlmRegistry, provider?: string | readonly string[], options: ClientOptions = {}) {
    const isRegistry = typeof registry?.configured === "function";
    want(isRegistry, "a client wants a registry", "new IntelligenceClient(new LlmRegistry())");
    checkClient({ provider, options });
    const { ledger = "machine", onWarning: warn = warnProcess, ...defaults } = options;
    checkOptions(defaults);
    this.#providers = typeof provider === "string" ? [provider] : provider;
    this.#defaults = over({ ...(this.#providers && { providers: this.#providers }) }, defaults);
    this.#runtime = createRuntime(registry, { ledger, warn });
    this.#calls = createCalls(this.#runtime.clock);
  }

  /**
   * Asks for a whole answer.
   * @param request A text, plain data or a `CompletionRequest`.
   * @throws RiptideError
   */
  async complete(
    request: CompletionRequest | PlainRequest | string,
    options: CallOptions = {},
  ): Promise<CompletionResponse> {
    for await (const event of this.#ask(request, options, false)) {
      if (event.type === "end") return event.completion;
    }
    throw new RiptideError("internal", "an answer ended without its end");
  }

  /**
   * Asks for an answer event by event; to leave the iteration gives the call up.
   * @throws RiptideError where the answer fails, also after its first text
   */
  stream(
    request: CompletionRequest | PlainRequest | string,
    options: StreamOptions = {},
  ): AsyncGenerator<ClientEvent, void, undefined> {
    return this.#ask(request, options, true);
  }

  /** Turns texts into vectors. @throws RiptideError */
  async embed(texts: string | readonly string[], options: EmbedOptions = {}): Promise<EmbeddingResponse> {
    const { model, dimensions, ...call } = options;
    return this.#run(call, async (asked, engine) => {
      checkEmbedding({ texts, model, dimensions });
      const record = { trail: { attempts: [], skipped: [] }, notices: { alerts: [], warnings: [] } };
      const { embed: alias } = engine.generation.config.aliases;
      const usual = alias && asked.route.providers === undefined ? "embed" : undefined;
      const route = { ...asked.route, model: model ?? usual };
      const list = typeof texts === "string" ? [texts] : texts;
      const result = await embed({ ...asked, route, texts: list, dimensions }, engine, record);
      return embeddingResponse(result, record.notices);
    });
  }

  /** Looks at the providers now; only the level `deep` costs anything. @throws RiptideError `cancelled` */
  async health(ask: HealthAsk = {}): Promise<HealthReport> {
    checkHealth(ask);
    return this.#run({ ...(ask.signal && { signal: ask.signal }) }, async ({ signal }, engine) => {
      const { report, rows } = await lookAt(engine, { ...ask, named: this.#providers, signal });
      // What helps the next look is no reason for this one to fail.
      await this.#runtime.ledger().then(
        (ledger) => recordProbes(ledger, rows, 150),
        () => undefined,
      );
      return report;
    });
  }

  /** What was spent, from the ledger. @throws RiptideError `usage`, `ledger_unavailable` */
  async costs(ask: CostsAsk = {}): Promise<CostsReport> {
    checkCosts(ask);
    return this.#run({}, async (_asked, { generation: { config } }) => {
      const database = await this.#runtime.ledger();
      return costsReport(ask, { database, config, nowMs: this.#runtime.clock.wall() });
    });
  }

  /** Gives up what is under way, books it, and closes connections and the ledger. */
  async close(): Promise<void> {
    await this.#calls.close();
    await this.#runtime.close();
  }

  /** The same at the end of a block: `await using client = new IntelligenceClient(registry)`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#ask(
    said: CompletionRequest | PlainRequest | string,
    options: StreamOptions,
    stream: boolean,
  ): AsyncGenerator<ClientEvent, void, undefined> {
    checkOptions(options);
    const call = this.#calls.begin(options.signal);
    try {
      const { model, request } = plainOf(said);
      const asked = this.#asked(model, options, call.signal);
      const { strictParams = false } = over(this.#defaults, options);
      const { streamRecovery } = options;
      const operation: CompletionOperation = {
        ...asked,
        ...{ request, stream, strictParams, streamRecovery, showReasoning: stream },
      };
      for await (const event of complete(operation, await this.#runtime.engine())) {
        if (event.type === "error") throw event.error;
        if (event.type !== "end") yield event;
        else yield { type: "end", completion: completionResponse(event.completion) };
      }
    } catch (thrown) {
      throw redacted(asRiptideError(thrown), this.#runtime.redactor);
    } finally {
      call.end();
    }
  }

  async #run<T>(options: CallOptions, work: (asked: Asked, engine: Engine) => Promise<T>): Promise<T> {
    checkOptions(options);
    const call = this.#calls.begin(options.signal);
    try {
      const asked = this.#asked(undefined, options, call.signal);
      return await work(asked, await this.#runtime.engine());
    } catch (thrown) {
      throw redacted(asRiptideError(thrown), this.#runtime.redactor);
    } finally {
      call.end();
    }
  }

  #asked(model: string | undefined, options: CallOptions, signal: AbortSignal): Asked {
    const id = newRequestId(this.#runtime.clock);
    return askedOf(model, over(this.#defaults, options), { id, signal });
  }
}

const warnProcess = (line: string): void => process.emitWarning(line, "RiptideWarning");
