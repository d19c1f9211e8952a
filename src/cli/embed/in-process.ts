import { asRiptideError } from "../../core/errors.ts";
import { embed, type GrowingRecord } from "../../engine/embed.ts";
import type { EmbeddingOperation } from "../../engine/operation.ts";
import { trailDocument } from "../../output/completion.ts";
import type { RouteAsk } from "../../routing/route.ts";
import type { Call } from "../command.ts";
import { warn } from "../complete/presenter.ts";
import { reportError } from "../report.ts";
import type { Session } from "../session.ts";
import { printVectors } from "./print.ts";
import type { EmbedWork } from "./work.ts";

const DEFAULT_ALIAS = "embed";

/** Embeds in this process. */
export async function embedHere(call: Call, session: Session, work: EmbedWork): Promise<number> {
  const { given, io } = call;
  const operation: EmbeddingOperation = {
    ...work,
    id: session.newId(),
    tenant: session.tenant,
    dialect: "cli",
    via: "in-process",
    route: modelOrDefault(work.route, session.config.aliases),
    signal: io.signal,
  };
  await session.requireProviders(operation.route);
  const record: GrowingRecord = {
    trail: { attempts: [], skipped: [] },
    notices: { alerts: [], warnings: [] },
  };
  const { trail, notices } = record;
  try {
    const result = await embed(operation, session.engine, record);
    await printVectors(call, result, "in-process");
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
}

/** The alias `embed` is what `default` is for completions, where the configuration has it. */
const modelOrDefault = (ask: RouteAsk, aliases: object): RouteAsk =>
  ask.model === undefined && DEFAULT_ALIAS in aliases ? { ...ask, model: DEFAULT_ALIAS } : ask;
