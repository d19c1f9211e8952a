import { asRiptideError } from "../../core/errors.ts";
import type { CallFacts } from "../../output/completion.ts";
import { completionBody } from "../client/body.ts";
import type { FoundDaemon } from "../client/choose.ts";
import { brokenTold, eventsOf, failedTold, type Told } from "../client/events.ts";
import { daemonMode } from "../client/mode.ts";
import { submit } from "../client/submit.ts";
import type { Call } from "../command.ts";
import { presenterOf } from "./presenter-of.ts";
import type { Work } from "./work.ts";

const PATH = "/riptide/v1/complete";

/** Completes by the daemon; undefined where it did not take the call, so that nothing was done. */
export async function completeThrough(
  call: Call,
  daemon: FoundDaemon,
  work: Work,
): Promise<number | undefined> {
  if (daemonMode(call) === "auto" && !mayTravel(work)) return undefined;
  const told = await tell(call, daemon, work);
  if (!told) return undefined;
  const present = await presenterOf(call, told);
  return present(told.events);
}

/** Members that the daemon has to read itself, and so lets nobody put into a vendor's body. */
const READ_BY_DAEMON = [
  ...["model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens"],
];

const mayTravel = ({ request: { options = {} } }: Work): boolean =>
  !READ_BY_DAEMON.some((name) => Object.hasOwn(options, name));

async function tell(call: Call, daemon: FoundDaemon, work: Work): Promise<Told | undefined> {
  const facts: CallFacts = {
    requested: { model: work.route.model ?? "default", strategy: "" },
    tenant: call.given.value("tenant") ?? "default",
    tags: work.tags,
    configRevision: daemon.hello.config.revision,
    via: "daemon",
  };
  try {
    const body = completionBody(work);
    const done = await submit(call, daemon, { path: PATH, accept: "application/x-ndjson", body });
    if (done.kind === "refused") return undefined;
    if (done.kind === "failed") return failedTold(done.document, facts);
    return eventsOf(done.reply.pieces, facts, async (id) => {
      const { bookedAttempts } = await import("../client/record.ts");
      return bookedAttempts(call, daemon.socket, id);
    });
  } catch (thrown) {
    return brokenTold(asRiptideError(thrown), facts);
  }
}
