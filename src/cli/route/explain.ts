import { finalError } from "../../engine/final-error.ts";
import type { CompletionOperation } from "../../engine/operation.ts";
import { type RouteFacts, routeDocument, routeRows } from "../../output/plan.ts";
import { routeFacts } from "../../output/route-facts.ts";
import type { Column } from "../../output/table.ts";
import { textOfTokens } from "../../providers/estimate.ts";
import type { Call, Run } from "../command.ts";
import { tellShortfall } from "../complete/presenter.ts";
import { readTextFile } from "../input/text-file.ts";
import { printDocument, printTable } from "../print.ts";
import { openSession, type Session } from "../session.ts";
import { integerOf, maxCostOf, routeAsk, timeoutOf } from "../values.ts";

/** `riptide route explain`: the order in which the targets would be asked now. */
export const run: Run = async (call) => {
  const session = await openSession(call);
  const operation = await operationOf(call, session);
  await session.requireProviders(operation.route);
  const route = await routeFacts(operation, session.engine);
  if (call.format === "json") await printDocument(call, routeDocument(route));
  else await printTable(call, COLUMNS, routeRows(route));
  return route.candidates.length > 0 ? 0 : tellNobody(call, route);
};

/** Nobody could be asked, which is told as the request itself would be told it. */
const tellNobody = (call: Call, { skipped }: RouteFacts): Promise<number> =>
  tellShortfall(call, finalError({ attempts: [], skipped }));

async function operationOf(call: Call, session: Session): Promise<CompletionOperation> {
  const { given, io } = call;
  const maxTokens = integerOf(given, "max-tokens", { min: 1, max: 10_000_000 });
  return {
    id: session.newId(),
    tenant: session.tenant,
    ...{
      dialect: "cli",
      via: "in-process",
      tags: {},
      strictParams: false,
      showReasoning: false,
      stream: true,
    },
    route: routeAsk(given),
    timeoutMs: timeoutOf(call),
    maxCostNano: maxCostOf(call),
    maxAttempts: integerOf(given, "max-attempts", { min: 1, max: 100 }),
    signal: io.signal,
    request: {
      messages: [{ role: "user", content: await promptOf(call) }],
      ...(maxTokens !== undefined && { maxTokens }),
    },
  };
}

/** A prompt of the length that is asked about. */
async function promptOf({ given }: Call): Promise<string> {
  const files = given.values("file");
  if (files.length > 0) return (await Promise.all(files.map(readTextFile))).join("\n");
  return textOfTokens(integerOf(given, "tokens-in", { min: 1, max: 10_000_000 }) ?? 1);
}

const COLUMNS: readonly Column[] = [
  { head: "rank", align: "right" },
  { head: "target" },
  { head: "why" },
  { head: "estimate", align: "right" },
  { head: "health" },
  { head: "circuit" },
  { head: "share", align: "right" },
];
