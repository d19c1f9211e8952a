import { humanUsd } from "../../core/money.ts";
import { finalError } from "../../engine/final-error.ts";
import type { CompletionOperation } from "../../engine/operation.ts";

import { documentText } from "../../output/json.ts";
import {
  curlCommand,
  estimateDocument,
  type RouteFacts,
  requestDocument,
  routeDocument,
} from "../../output/plan.ts";
import { routeFacts } from "../../output/route-facts.ts";
import type { Column } from "../../output/table.ts";
import { targetText } from "../../routing/target.ts";
import type { Call } from "../command.ts";
import { printDocument, printTable } from "../print.ts";
import type { Session } from "../session.ts";
import { warn } from "./presenter.ts";

/** `--estimate`, `--dry-run` and `--as curl`: what would be sent, and where; nothing is sent. */
export async function printPlan(
  call: Call,
  session: Session,
  operation: CompletionOperation,
): Promise<number> {
  const route = await routeFacts(asSent(call, operation), session.engine);
  const first = route.candidates[0];
  if (!first) throw finalError({ attempts: [], skipped: route.skipped });
  await warn(call, { skipped: route.skipped, warnings: first.warnings });
  if (call.given.has("estimate")) return printEstimate(call, route);
  const bare = first.loaded.adapter.toWire(first.request);
  const wire = { ...bare, headers: { ...bare.headers, ...first.loaded.headers } };
  if (first.loaded.authorised) await call.io.stderr.write("note: credentials are added when it is sent\n");
  if (call.given.has("as")) {
    await call.io.stdout.write(call.io.redactor.redact(curlCommand(wire)));
    return 0;
  }
  const document = {
    schema: "riptide.plan/1",
    request: requestDocument(wire),
    warnings: first.warnings,
    route: routeDocument(route),
  };
  const text = call.format === "json" ? documentText(document) : `${JSON.stringify(document, null, 2)}\n`;
  await call.io.stdout.write(call.io.redactor.redact(text));
  return 0;
}

/** A curl command is no JSON document, whatever RIPTIDE_OUTPUT says: it streams like the call for text. */
function asSent({ given }: Call, operation: CompletionOperation): CompletionOperation {
  if (!given.has("as")) return operation;
  return { ...operation, stream: !given.has("no-stream") && !given.has("schema") };
}

async function printEstimate(call: Call, { estimates }: RouteFacts): Promise<number> {
  if (call.format === "json") await printDocument(call, estimateDocument(estimates));
  else {
    const rows = estimates.map((item) => [
      targetText(item),
      `~${item.inputTokens}`,
      String(item.outputTokens),
      humanUsd(item.worstNano),
    ]);
    await printTable(call, ESTIMATE_COLUMNS, rows);
  }
  return 0;
}

const ESTIMATE_COLUMNS: readonly Column[] = [
  { head: "target" },
  { head: "input tokens", align: "right" },
  { head: "max output", align: "right" },
  { head: "worst cost", align: "right" },
];
