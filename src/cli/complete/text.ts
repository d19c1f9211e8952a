import type { RiptideError } from "../../core/errors.ts";
import type { CompletionResult, PipelineEvent } from "../../engine/events.ts";
import { usageLine } from "../../output/completion.ts";
import { createSanitiser, type Sanitiser } from "../../output/sanitise.ts";
import { symbols, wantsAscii } from "../../output/style.ts";
import { targetText } from "../../routing/target.ts";
import type { Call } from "../command.ts";
import { sanitises } from "../print.ts";
import { reportError } from "../report.ts";
import { type Destination, openDestination } from "./destination.ts";
import { type Presenter, shortfall, warn } from "./presenter.ts";

/** The answer as text on stdout, everything else on stderr. */
export function textPresenter(call: Call): Presenter {
  return async (events) => {
    const page = await openPage(call);
    for await (const event of events) {
      if (event.type === "end") return finish(call, page, event.completion);
      if (event.type === "error") return fail(call, page, event.error);
      await show(call, page, event);
    }
    return 0;
  };
}

interface Page {
  readonly destination: Destination;
  readonly sanitiser: Sanitiser | undefined;
  readonly reasoning: Sanitiser | undefined;
  lastCharacter: string;
}

async function openPage(call: Call): Promise<Page> {
  const destination = await openDestination(call);
  return {
    destination,
    sanitiser: sanitises(call, destination.isTty) ? createSanitiser() : undefined,
    reasoning: sanitises(call, call.io.stderr.isTty) ? createSanitiser() : undefined,
    lastCharacter: "",
  };
}

async function show(call: Call, page: Page, event: PipelineEvent): Promise<void> {
  const { io, given } = call;
  if (event.type === "delta")
    return print(page, page.sanitiser ? page.sanitiser.push(event.text) : event.text);
  if (event.type === "reasoning")
    return io.stderr.write(page.reasoning ? page.reasoning.push(event.text) : event.text);
  if (event.type === "failover" && given.has("verbose")) {
    await io.stderr.write(`${targetText(event.from)}: ${event.code}; asking ${targetText(event.to)}\n`);
  }
}

async function print(page: Page, text: string): Promise<void> {
  if (text === "") return;
  page.lastCharacter = text.at(-1) ?? "";
  await page.destination.write(text);
}

/** Ends the text: what the sanitiser still holds, then the final newline that makes it a line. */
async function close(call: Call, page: Page): Promise<void> {
  if (page.sanitiser) await print(page, page.sanitiser.end());
  const isOpen = page.lastCharacter !== "" && page.lastCharacter !== "\n";
  if (isOpen && !call.given.has("raw")) await print(page, "\n");
}

async function finish(call: Call, page: Page, result: CompletionResult): Promise<number> {
  await close(call, page);
  for (const { id, name, arguments: text } of result.toolCalls) {
    await print(page, `${JSON.stringify({ id, name, arguments: text })}\n`);
  }
  await warn(call, result);
  const error = shortfall(call, result);
  if (error) return fail(call, page, error);
  await page.destination.commit();
  await showUsage(call, result);
  return 0;
}

async function showUsage({ io, given }: Call, result: CompletionResult): Promise<void> {
  if (!given.has("usage")) return;
  const line = usageLine(result, symbols(wantsAscii(given.has("ascii"), io.environment.lookup)));
  await io.stderr.write(`${line}\n`);
}

async function fail(call: Call, page: Page, error: RiptideError): Promise<number> {
  await close(call, page);
  await page.destination.abandon(call.given.has("keep-partial"));
  return reportError(call.io, error, { asJson: false, debug: call.given.has("debug") });
}
