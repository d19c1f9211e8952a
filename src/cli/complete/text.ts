import type { ToolCall } from "../../core/completion.ts";
import { costOfAttempts } from "../../engine/cost.ts";
import type { CompletionResult, PipelineEvent } from "../../engine/events.ts";
import { costText, usageLine } from "../../output/completion.ts";
import { documentText } from "../../output/json.ts";
import { createSanitiser, oneLine, type Sanitiser } from "../../output/sanitise.ts";
import { symbols, wantsAscii } from "../../output/style.ts";
import { targetText } from "../../routing/target.ts";
import type { Call } from "../command.ts";
import { sanitises } from "../print.ts";
import { type Destination, openDestination } from "./destination.ts";
import { type Around, type Failed, fail, type Presenter, shortfall, warn } from "./presenter.ts";

/** The model's name in the line of `-u` is the provider's to choose. */
const MAX_USAGE_LINE = 1_000;

/** The answer as text on stdout, everything else on stderr. */
export function textPresenter(call: Call, around: Around): Presenter {
  return async (events) => {
    const page = await openPage(call, around);
    try {
      return await print(call, page, events);
    } catch (error) {
      await page.destination.abandon(false);
      throw error;
    }
  };
}

async function print(call: Call, page: Page, events: AsyncIterable<PipelineEvent>): Promise<number> {
  for await (const event of events) {
    if (event.type === "end") return finish(call, page, event.completion);
    if (event.type === "error") {
      await giveUp(call, page);
      await showSpent(call, event);
      return fail(call, event, page.around);
    }
    // A long answer is many thousand pieces: each takes the shortest way.
    if (event.type === "delta") {
      await write(page, page.sanitiser ? page.sanitiser.push(event.text) : event.text);
    } else await show(call, page, event);
  }
  return 0;
}

interface Page {
  readonly destination: Destination;
  readonly around: Around;
  readonly sanitiser: Sanitiser | undefined;
  readonly reasoning: Sanitiser | undefined;
  /** The last character on each of the two, to know where a line is still open. */
  lastText: string;
  lastReasoning: string;
}

async function openPage(call: Call, around: Around): Promise<Page> {
  const destination = await openDestination(call);
  return {
    ...{ destination, around },
    sanitiser: sanitises(call, destination.isTty) ? createSanitiser() : undefined,
    reasoning: sanitises(call, call.io.stderr.isTty) ? createSanitiser() : undefined,
    lastText: "",
    lastReasoning: "",
  };
}

async function show(call: Call, page: Page, event: PipelineEvent): Promise<void> {
  const { io, given } = call;
  if (event.type === "reasoning")
    return reason(call, page, page.reasoning ? page.reasoning.push(event.text) : event.text);
  if (event.type !== "failover" || given.has("quiet")) return;
  if (event.mode === "before_output" && !given.has("verbose")) return;
  const next = `asking ${targetText(event.to)}${event.mode === "before_output" ? "" : " to carry on"}`;
  await io.stderr.write(`note: ${targetText(event.from)}: ${event.code}; ${next}\n`);
}

function write(page: Page, text: string): Promise<void> {
  if (text !== "") page.lastText = text.at(-1) ?? "";
  return page.destination.write(text);
}

async function reason({ io }: Call, page: Page, text: string): Promise<void> {
  if (text === "") return;
  page.lastReasoning = text.at(-1) ?? "";
  await io.stderr.write(text);
}

const isOpen = (last: string) => last !== "" && last !== "\n";

/** Ends the text: what the sanitiser still holds, then the final newline that makes it a line. */
async function close(call: Call, page: Page): Promise<void> {
  if (page.reasoning) await reason(call, page, page.reasoning.end());
  if (isOpen(page.lastReasoning)) await reason(call, page, "\n");
  if (page.sanitiser) await write(page, page.sanitiser.end());
  if (isOpen(page.lastText) && !call.given.has("raw")) await write(page, "\n");
}

async function finish(call: Call, page: Page, result: CompletionResult): Promise<number> {
  await close(call, page);
  await writeCalls(page, result.toolCalls);
  await warn(call, result, page.around);
  const error = shortfall(call, result);
  if (error) {
    if (result.refusal) await call.io.stderr.write(`${oneLine(result.refusal, MAX_REFUSAL)}\n`);
    await giveUp(call, page);
    await showUsage(call, page, result);
    // Warnings and alerts have been told.
    const told = { alerts: [], warnings: [] };
    const silent = { ...page.around, alerts: () => [] };
    return fail(call, { ...result, ...told, type: "error", error, partialText: result.text }, silent);
  }
  await page.destination.commit();
  await showUsage(call, page, result);
  return 0;
}

/** What a model says instead of an answer is short. */
const MAX_REFUSAL = 1_000;

/** Each tool call on a line of its own, after the text. */
async function writeCalls(page: Page, calls: readonly ToolCall[]): Promise<void> {
  if (calls.length > 0 && isOpen(page.lastText)) await write(page, "\n");
  for (const { id, name, arguments: text } of calls) {
    await write(page, documentText({ id, name, arguments: text }));
  }
}

async function showUsage({ io, given }: Call, { around }: Page, result: CompletionResult): Promise<void> {
  if (!given.has("usage")) return;
  const marks = symbols(wantsAscii(given.has("ascii"), io.environment.lookup));
  // The line ends with the request; who did the work stands before it.
  const id = around.facts().via === "daemon" ? `via daemon ${marks.dot} ${result.id}` : result.id;
  const line = usageLine({ ...result, id }, marks);
  await io.stderr.write(`${oneLine(line, MAX_USAGE_LINE)}\n`);
}

/** With `-u` also a failure says what it cost; whoever interrupted it is told anyway. */
async function showSpent({ io, given }: Call, { error, attempts }: Failed): Promise<void> {
  if (!given.has("usage") || error.code === "cancelled" || costOfAttempts(attempts).nano === 0) return;
  await io.stderr.write(`${costText(attempts)} spent\n`);
}

/** Ends the text of an answer that failed. */
async function giveUp(call: Call, page: Page): Promise<void> {
  await close(call, page);
  await page.destination.abandon(call.given.has("keep-partial"));
}
