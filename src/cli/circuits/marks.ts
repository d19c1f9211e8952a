import type { ProviderEntry } from "../../config/config.ts";
import { formatTime } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import { autoCircuit, forceCircuit, resetCircuit, tripCircuit } from "../../store/circuits.ts";
import type { Database } from "../../store/database.ts";
import type { Call, Run } from "../command.ts";
import { openLedger } from "../open-ledger.ts";
import { printText } from "../print.ts";
import { entryNamed, providerNamed } from "../providers.ts";
import { openSession, type Session } from "../session.ts";
import { durationOf } from "../values.ts";
import { print } from "./list.ts";

/** `riptide circuits reset PROVIDER|--all` */
export const reset: Run = async (call) => {
  const session = await openSession(call);
  const ids = resetWords(call, session);
  return marked(call, session, async (database, nowMs) => {
    for (const id of ids) await resetCircuit(database, id, nowMs);
    const [first] = ids;
    return { said: `reset: ${ids.join(", ")}`, only: ids.length === 1 ? first : undefined };
  });
};

function resetWords({ given }: Call, { config }: Session): readonly string[] {
  const [name] = given.words;
  const all = config.providers.filter(({ implicit }) => !implicit).map(({ id }) => id);
  if (given.has("all") && name === undefined) return all;
  if (!given.has("all") && name !== undefined) return [providerNamed(name, config).id];
  throw new RiptideError("usage", "which provider? name one, or give --all", {
    reasons: [`known: ${all.join(", ")}`],
    hint: "riptide circuits reset --all",
  });
}

/** `riptide circuits trip PROVIDER [--for DURATION]` */
export const trip: Run = async (call) => {
  const session = await openSession(call);
  const entry = entryNamed(call, session.engine.generation);
  const forMs = lengthOf(call) ?? entry.circuitBreaker.recoveryTimeoutMs;
  return marked(call, session, async (database, nowMs) => {
    const untilMs = nowMs + forMs;
    await tripCircuit(database, entry.id, { nowMs, untilMs });
    return { said: `${entry.id} is open until ${formatTime(untilMs)}`, only: entry.id };
  });
};

/** `riptide circuits force PROVIDER open|closed|auto [--for DURATION]` */
export const force: Run = async (call) => {
  const session = await openSession(call);
  const entry = entryNamed(call, session.engine.generation);
  const state = stateWord(call);
  const forMs = forceLength(call, entry, state);
  return marked(call, session, async (database, nowMs) => {
    if (state === "auto") {
      const was = await autoCircuit(database, entry.id);
      return {
        said: was ? `${entry.id} goes by itself again` : `${entry.id} was not forced`,
        only: entry.id,
      };
    }
    await forceCircuit(database, entry.id, { state, nowMs, untilMs: nowMs + forMs });
    return { said: `${entry.id} is kept ${state} for ${formatDuration(forMs)}`, only: entry.id };
  });
};

const STATES = ["open", "closed", "auto"] as const;

function stateWord({ given }: Call): (typeof STATES)[number] {
  const [, word, ...more] = given.words;
  const state = STATES.find((each) => each === word);
  if (state && more.length === 0) return state;
  throw new RiptideError(
    "usage",
    `circuits force wants open, closed or auto after the provider, not "${word ?? ""}"`,
  );
}

/** A force ends by itself: no process is there to end it with. */
function forceLength(call: Call, { id }: ProviderEntry, state: string): number {
  const forMs = lengthOf(call);
  if (state === "auto" || forMs !== undefined) return forMs ?? 0;
  throw new RiptideError("usage", "for how long? a forced state needs --for", {
    hint: `riptide circuits force ${id} ${state} --for 1h`,
  });
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 365;

/** `--for`; what would outlast whoever asked for it is a slip. @throws RiptideError `usage` */
function lengthOf({ given }: Call): number | undefined {
  const forMs = durationOf(given, "for");
  if (forMs === undefined || forMs <= MOST_DAYS * DAY_MS) return forMs;
  throw new RiptideError("usage", `--for takes at most ${MOST_DAYS}d, not "${given.value("for")}"`);
}

interface Marked {
  readonly said: string;
  /** The provider it is about, where it is about one. */
  readonly only: string | undefined;
}

/** Sets a mark for every process, and shows what it made of the circuits. */
async function marked(
  call: Call,
  session: Session,
  work: (database: Database, nowMs: number) => Promise<Marked>,
): Promise<number> {
  const database = await openLedger(session.config, call.io);
  try {
    const { said, only } = await work(database, call.io.clock.wall());
    if (call.format === "json") await print(call, session, only);
    else await printText(call, `${said}\n`);
    return 0;
  } finally {
    database.close();
  }
}
