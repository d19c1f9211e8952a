import { RiptideError } from "../../core/errors.ts";
import type { EmbeddingResult } from "../../engine/embed.ts";
import { trailDocument } from "../../output/completion.ts";
import { embeddingBody } from "../client/body.ts";
import type { FoundDaemon } from "../client/choose.ts";
import { textOf } from "../client/connect.ts";
import { type EmbeddingDocument, embeddingOf, trailOf } from "../client/documents.ts";
import { type ErrorDocument, errorOf } from "../client/errors.ts";
import { objectOf } from "../client/hello.ts";
import { submit } from "../client/submit.ts";
import type { Call } from "../command.ts";
import { warn } from "../complete/presenter.ts";
import { reportError } from "../report.ts";
import { printVectors } from "./print.ts";
import type { EmbedWork } from "./work.ts";

/** Embeds by the daemon; undefined where it did not take the call, so that nothing was done. */
export async function embedThrough(
  call: Call,
  daemon: FoundDaemon,
  work: EmbedWork,
): Promise<number | undefined> {
  const body = embeddingBody(work);
  const done = await submit(call, daemon, { path: "/riptide/v1/embed", accept: "application/json", body });
  if (done.kind === "refused") return undefined;
  if (done.kind === "failed") return failed(call, done.document);
  const document = objectOf(await textOf(done.reply));
  if (document?.schema !== "riptide.embedding/1") {
    throw new RiptideError("daemon_lost", "the daemon ended its answer before its end");
  }
  // The daemon speaks our protocol, which was compared: the document has the members of its schema.
  const said = document as unknown as EmbeddingDocument;
  const result: EmbeddingResult = embeddingOf(said);
  await printVectors(call, result, "daemon");
  await warn(call, result, { alerts: () => said.alerts ?? [] });
  return 0;
}

async function failed(call: Call, document: ErrorDocument): Promise<number> {
  const { given, io } = call;
  const { attempts = [], skipped = [], skip_errors, warnings = [], alerts = [] } = document;
  await warn(call, { skipped: [], warnings }, { alerts: () => alerts });
  const trail = trailOf({ attempts, skipped, ...(skip_errors && { skip_errors }) });
  const id = document.id ?? undefined;
  return reportError(io, errorOf(document), {
    format: call.format,
    debug: given.has("debug"),
    operation: { command: "embed", config: given.value("config"), id, ...trailDocument(trail) },
  });
}
