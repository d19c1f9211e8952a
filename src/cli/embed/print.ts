import type { EmbeddingResult } from "../../engine/embed.ts";
import { csvText } from "../../output/csv.ts";
import { embeddingDocument, embeddingUsageLine } from "../../output/embedding.ts";
import { documentText } from "../../output/json.ts";
import { oneLine } from "../../output/sanitise.ts";
import { symbols, wantsAscii } from "../../output/style.ts";
import type { Call } from "../command.ts";
import { printDocument } from "../print.ts";

/** Prints vectors as the call wants them, and with `-u` what they took. */
export async function printVectors(
  call: Call,
  result: EmbeddingResult,
  via: "in-process" | "daemon",
): Promise<void> {
  const { io, given, format } = call;
  if (format === "json") await printDocument(call, embeddingDocument(result));
  else if (format === "jsonl") await printLines(call, result);
  else if (format === "csv") await io.stdout.write(csvText(header(result), result.vectors));
  else for (const vector of result.vectors) await io.stdout.write(`${JSON.stringify(vector)}\n`);
  if (!given.has("usage")) return;
  const marks = symbols(wantsAscii(given.has("ascii"), io.environment.lookup));
  // The line ends with the request; who did the work stands before it.
  const id = via === "daemon" ? `via daemon ${marks.dot} ${result.id}` : result.id;
  await io.stderr.write(`${oneLine(embeddingUsageLine({ ...result, id }, marks))}\n`);
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
