import { fitCandidates, loadCandidates } from "../../engine/candidates.ts";
import { finalError } from "../../engine/final-error.ts";
import { type CompletionOperation, limitsOf } from "../../engine/operation.ts";
import { documentText } from "../../output/json.ts";
import {
  curlCommand,
  estimateDocument,
  type RouteFacts,
  requestDocument,
  routeDocument,
} from "../../output/plan.ts";
import type { Column } from "../../output/table.ts";
import { sliceMs } from "../../resilience/deadline.ts";
import { routeOf } from "../../routing/route.ts";
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
  const route = await planOf(session, asSent(call, operation));
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

async function planOf({ engine, tenant }: Session, operation: CompletionOperation): Promise<RouteFacts> {
  const { generation } = engine;
  const { alias, strategy, targets } = routeOf(operation.route, generation.table);
  const { deadlineMs, maxAttempts } = limitsOf(operation, generation.config, { alias, kind: "completion" });
  const loaded = await loadCandidates(targets, generation);
  const { stream, strictParams: strict } = operation;
  const fitted = fitCandidates(loaded.candidates, operation.request, { stream, strict });
  return {
    requested: operation.route.model ?? "default",
    alias,
    strategy,
    tenant,
    deadlineMs,
    candidates: fitted.candidates,
    skipped: [...loaded.skipped, ...fitted.skipped],
    slicesMs: slicesOf(fitted.candidates, { deadlineMs, maxAttempts }),
  };
}

function slicesOf(
  candidates: RouteFacts["candidates"],
  { deadlineMs, maxAttempts }: { readonly deadlineMs: number; readonly maxAttempts: number },
): readonly number[] {
  let remainingMs = deadlineMs;
  return candidates.map(({ loaded }, index) => {
    const candidatesLeft = Math.max(0, Math.min(candidates.length, maxAttempts) - index);
    const attemptCapMs = loaded.entry.timeouts.attemptMs;
    const slice = candidatesLeft === 0 ? 0 : sliceMs({ remainingMs, candidatesLeft, attemptCapMs });
    remainingMs -= slice;
    return slice;
  });
}

async function printEstimate(call: Call, { candidates }: RouteFacts): Promise<number> {
  const document = estimateDocument(candidates);
  if (call.format === "json") await printDocument(call, document);
  else {
    const rows = document.candidates.map((item) => [
      targetText(item),
      `~${item.input_tokens}`,
      String(item.max_output_tokens ?? "-"),
      "unpriced",
    ]);
    await printTable(call, ESTIMATE_COLUMNS, rows);
  }
  return 0;
}

const ESTIMATE_COLUMNS: readonly Column[] = [
  { head: "target" },
  { head: "input tokens", align: "right" },
  { head: "max output", align: "right" },
  { head: "worst cost" },
];
