import type { Call } from "../command.ts";
import type { Session } from "../session.ts";
import { type FoundDaemon, lookForDaemon, refuseWithout, type Verdict } from "./choose.ts";
import { tellConfigNotes } from "./config-notes.ts";
import { namesSocket } from "./mode.ts";

/** The two ways of doing one thing: what they are given is read once, since stdin ends. */
export interface Ways<Input> {
  read(maxStdinBytes: number): Promise<Input>;
  /** Resolves to undefined where the daemon did not take it, so that nothing was done. */
  through(daemon: FoundDaemon, input: Input): Promise<number | undefined>;
  here(session: Session, input: Input): Promise<number>;
}

/** Until a daemon says what its configuration allows. */
const MAX_STDIN_BYTES = 4 * 1_024 * 1_024;

/** Gives a call to the daemon where one would do the same, and does it in this process otherwise (SD-5). */
export async function byDaemonOrHere<Input>(call: Call, ways: Ways<Input>): Promise<number> {
  let input: { readonly read: Input } | undefined;
  let isTold = false;
  const give = async (daemon: FoundDaemon) => {
    if (!isTold) await tellConfigNotes(call, daemon.hello);
    isTold = true;
    input ??= { read: await ways.read(daemon.hello.maxStdinBytes ?? MAX_STDIN_BYTES) };
    return ways.through(daemon, input.read);
  };
  const first = await lookForDaemon(call);
  const exit = first.daemon && (await give(first.daemon));
  if (exit !== undefined) return exit;
  const { openSession } = await import("../session.ts");
  const session = await openSession(call, { isTold });
  isTold = true;
  const second = await lookWhereConfigured(call, session, first);
  const exitOfSecond = second.daemon && (await give(second.daemon));
  if (exitOfSecond !== undefined) return exitOfSecond;
  if (!second.daemon) refuseWithout(call, second);
  const { config } = session;
  return ways.here(session, input ? input.read : await ways.read(config.limits.maxStdinBytes));
}

/** The usual place needs no configuration; another one is known only by it, and by now it is loaded. */
async function lookWhereConfigured(call: Call, { config }: Session, first: Verdict): Promise<Verdict> {
  const isElsewhere = config.daemon.socket !== undefined && !namesSocket(call);
  return isElsewhere && !first.daemon ? lookForDaemon(call, config) : first;
}
