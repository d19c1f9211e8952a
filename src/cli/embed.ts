import { asRiptideError } from "../core/errors.ts";
import { type EmbeddingResult, embed, type Notices } from "../engine/embed.ts";
import type { GrowingTrail } from "../engine/failover-plan.ts";
import type { EmbeddingOperation } from "../engine/operation.ts";
import { trailDocument } from "../output/completion.ts";
import { csvText } from "../output/csv.ts";
import { embeddingDocument, embeddingUsageLine } from "../output/embedding.ts";
import { documentText } from "../output/json.ts";
import { oneLine } from "../output/sanitise.ts";
import { symbols, wantsAscii } from "../output/style.ts";
import type { Call, Run } from "./command.ts";
import { readPrompt } from "./complete/ask.ts";
import { warn } from "./complete/presenter.ts";
import { printDocument } from "./print.ts";
import { reportError } from "./report.ts";
import { openSession } from "./session.ts";
import { idempotencyKeyOf, integerOf, maxCostOf, routeAsk, tagsOf, timeoutOf } from "./values.ts";

const DEFAULT_ALIAS = "embed";
const NO_TEXT = {
  message: "no text to embed",
  hint: 'riptide embed "some text"   or   pipe text in   (riptide embed --help)',
};

/** `riptide embed`: one vector for each argument, or for each line of the input. */
export const run: Run = async (call) => {
  const { given, io } = call;
  const session = await openSession(call);
  const operation: EmbeddingOperation = {
    id: session.newId(),
    tenant: session.tenant,
    dialect: "cli",
    via: "in-process",
    tags: tagsOf(given),
    maxCostNano: maxCostOf(call),
    texts: await readTexts(call, session.config.limits.maxStdinBytes),
    dimensions: integerOf(given, "dimensions", { min: 1, max: 100_000 }),
    idempotencyKey: idempotencyKeyOf(given),
    route: modelOrDefault(routeAsk(given), session.config.aliases),
    timeoutMs: timeoutOf(call),
    maxAttempts: integerOf(given, "max-attempts", { min: 1, max: 100 }),
    signal: io.signal,
  };
  await session.requireProviders(operation.route);
  const trail: GrowingTrail = { attempts: [], skipped: [] };
  const notices: Notices = { alerts: [], warnings: [] };
  try {
    const result = await embed(operation, session.engine, { trail, notices });
    await print(call, result);
    await warn(call, { skipped: result.skipped, ...notices });
    return 0;
  } catch (thrown) {
    await warn(call, { skipped: [], ...notices });
    const config = given.value("config");
    const failed = { command: "embed", config, id: operation.id, ...trailDocument(trail) };
    return reportError(io, asRiptideError(thrown), {
      format: call.format,
      debug: given.has("debug"),
      operation: failed,
    });
  }
};

/** The alias `embed` is what `default` is for completions, where the configuration has it. */
function modelOrDefault(ask: ReturnType<typeof routeAsk>, aliases: object): ReturnType<typeof routeAsk> {
  return ask.model === undefined && DEFAULT_ALIAS in aliases ? { ...ask, model: DEFAULT_ALIAS } : ask;
}

async function readTexts(call: Call, maxStdinBytes: number): Promise<readonly string[]> {
  const { given } = call;
  const fromWords =
    given.words.length > 0 && !given.has("file") && !given.has("lines") && !given.words.includes("-");
  if (fromWords && given.value("stdin") !== "always") return given.words;
  const text = await readPrompt(call, maxStdinBytes, NO_TEXT);
  const texts = given.has("lines") ? text.split(/\r?\n/).filter((line) => line.trim() !== "") : [text];
  return texts;
}

async function print(call: Call, result: EmbeddingResult): Promise<void> {
  const { io, given, format } = call;
  if (format === "json") await printDocument(call, embeddingDocument(result));
  else if (format === "jsonl") await printLines(call, result);
  else if (format === "csv") await io.stdout.write(csvText(header(result), result.vectors));
  else for (const vector of result.vectors) await io.stdout.write(`${JSON.stringify(vector)}\n`);
  if (!given.has("usage")) return;
  const line = embeddingUsageLine(result, symbols(wantsAscii(given.has("ascii"), io.environment.lookup)));
  await io.stderr.write(`${oneLine(line)}\n`);
}

/** One event for each vector, then `end` with everything else. */
async function printLines({ io }: Call, result: EmbeddingResult): Promise<void> {
  const { id, vectors } = result;
  for (const [index, embedding] of vectors.entries())
    await io.stdout.write(documentText({ type: "embedding", id, index, embedding }));
  const { embeddings: _embeddings, ...embedding } = embeddingDocument(result);
  await io.stdout.write(documentText({ type: "end", id, embedding }));
}

const header = ({ dimensions }: EmbeddingResult) =>
  Array.from({ length: dimensions }, (_, index) => `d${index}`);
