import { asRiptideError } from "../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Asked } from "../../engine/operation.ts";
import { blockOf, DEFAULT_TENANT } from "../../engine/tenant-rules.ts";
import { routeOf } from "../../routing/route.ts";
import type { Daemon } from "../context.ts";
import type { AnswerFacts, Wishes } from "../dialects/dialect.ts";
import { placesFor } from "../gate/places.ts";
import type { Lease } from "../generations.ts";
import { type Exchange, headerOf } from "../http/exchange.ts";
import { identify } from "../identity.ts";
import type { Work } from "../observer.ts";
import { withHeaders } from "../wishes.ts";
import { type Patience, patience } from "./patience.ts";

/** A request that may work: who asks, on which generation, and what answers say of it. */
export interface Admitted {
  readonly asked: Asked;
  readonly engine: Engine;
  readonly lease: Lease;
  readonly facts: AnswerFacts;
  readonly work: Work;
  readonly patience: Patience;
  /** Called once, when the answer has been handed over or given up. */
  leave(): void;
}

/** What a request asks for at the door. */
export interface Entry extends Pick<Work, "id" | "dialect" | "class" | "stream"> {
  readonly wishes: Wishes;
}

/**
 * Lets a request in: who it is for, a generation to its end, and its turn.
 * @throws RiptideError the refusal, in which case nothing is held
 */
export async function letIn(exchange: Exchange, daemon: Daemon, entry: Entry): Promise<Admitted> {
  const wishes = withHeaders(entry.wishes, exchange);
  const lease = daemon.generations.enter();
  try {
    const tenant = identify(exchange, wishes.tenant, lease);
    const { id = entry.id } = wishes;
    const { dialect, stream } = entry;
    const traceparent = headerOf(exchange, "traceparent");
    const work: Work = {
      id,
      tenant,
      dialect,
      stream,
      class: entry.class,
      generation: lease.number,
      traceparent,
    };
    return await atTurn(exchange, daemon, { wishes, lease, work });
  } catch (error) {
    lease.release();
    throw error;
  }
}

/**
 * Refuses what nobody would be let in with, before its body is read: a machine that cannot keep up has no time to read.
 * @throws RiptideError `shutting_down`, `overloaded_local`
 */
export function refuseUnread(
  exchange: Exchange,
  daemon: Daemon,
  entry: Pick<Work, "id" | "dialect" | "class">,
): void {
  const refused = daemon.gate.refusal();
  if (!refused) return;
  const { generation, number } = daemon.generations.current();
  const named = headerOf(exchange, "x-riptide-tenant");
  const tenant = exchange.door.kind === "tenant" ? exchange.door.tenant : named;
  const known = tenant !== undefined && blockOf(generation.config, tenant) ? tenant : DEFAULT_TENANT;
  const traceparent = headerOf(exchange, "traceparent");
  refusedAtGate(daemon, { ...entry, tenant: known, stream: false, generation: number, traceparent }, refused);
  throw refused;
}

interface Named {
  readonly wishes: Wishes;
  readonly lease: Lease;
  readonly work: Work;
}

async function atTurn(exchange: Exchange, daemon: Daemon, { wishes, lease, work }: Named): Promise<Admitted> {
  const { signal, arrivedMs } = exchange;
  const { stages, guard, clock, random, gate } = daemon;
  const { config, table } = lease.generation;
  const { id, tenant, dialect } = work;
  const { strategy } = routeOf(wishes.route, table);
  const { completionMs, embeddingMs } = config.timeouts;
  const remainingMs = wishes.timeoutMs ?? (work.class === "embedding" ? embeddingMs : completionMs);
  const knock = { tenant, remainingMs, signal, places: placesFor(config, tenant) };
  const turn = await gate.enter(knock).catch((thrown) => {
    refusedAtGate(daemon, work, thrown);
    throw thrown;
  });
  const ended = daemon.running.add(exchange.cancel);
  return {
    asked: { ...wishes, id, tenant, dialect, via: "daemon", signal },
    engine: { generation: lease.generation, stages, guard, clock, random },
    ...{ lease, work },
    facts: {
      ...{ id, tenant, tags: wishes.tags, arrivedMs },
      requested: { model: wishes.route.model ?? "default", strategy },
      configRevision: config.revision,
    },
    patience: patience(turn, clock, signal),
    leave() {
      ended();
      turn.leave();
      lease.release();
    },
  };
}

/** Who counts the work of the daemon hears of what it turned away, too. */
function refusedAtGate({ observer }: Daemon, work: Work, thrown: unknown): void {
  observer.began(work);
  const error = asRiptideError(thrown);
  observer.ended(work, { attempts: [], skipped: [], error, totalMs: 0, firstTokenMs: null });
}
