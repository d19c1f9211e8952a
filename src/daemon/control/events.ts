import { parseTime } from "../../core/clock.ts";
import { RiptideError } from "../../core/errors.ts";
import { eventFrame, eventLine } from "../events/document.ts";
import { type DaemonEvent, EVENT_TYPES, type EventType } from "../events/event.ts";
import type { EventRing } from "../events/ring.ts";
import { type Exchange, headerOf } from "../http/exchange.ts";
import { streamBody } from "../http/stream-body.ts";
import type { Handler } from "./control-route.ts";
import { refuseOthers } from "./parameters.ts";

/**
 * `GET /riptide/v1/events`: each event as a line of NDJSON, or as a server-sent event where that is accepted. It begins
 * with what comes next, or after `?since=` (a number, or a time); `?type=` chooses; `?follow=false` ends after what
 * there is.
 */
export const events: Handler = async (exchange, { watching, daemon }) => {
  const { ring } = watching;
  const ask = askOf(exchange, ring);
  const isSse = (headerOf(exchange, "accept") ?? "").includes("text/event-stream");
  const textOf = isSse ? eventFrame : eventLine;
  const type = isSse ? "text/event-stream" : "application/x-ndjson";
  if (exchange.method === "HEAD") return { text: "", type };
  const body = streamBody(exchange);
  body.open({ "content-type": type });
  exchange.response.flushHeaders();
  for await (const event of following(ring, ask, exchange.signal)) {
    if (ask.types && !ask.types.has(event.type)) continue;
    const reader = body.write(daemon.redact(textOf(event)));
    if (reader) await reader;
  }
  body.end();
  return undefined;
};

interface EventsAsk {
  /** The number before the first one to be told. */
  readonly since: number;
  /** Undefined for all. */
  readonly types: ReadonlySet<EventType> | undefined;
  readonly follow: boolean;
}

/** @throws RiptideError `usage` */
function askOf(exchange: Exchange, ring: EventRing): EventsAsk {
  const query = exchange.query();
  refuseOthers(query, ["since", "type", "follow"]);
  const since = query.get("since") ?? headerOf(exchange, "last-event-id");
  const follow = query.get("follow") ?? "true";
  if (follow !== "true" && follow !== "false") {
    throw new RiptideError("usage", `follow wants true or false, not "${follow.slice(0, 80)}"`);
  }
  return {
    since: since === undefined ? ring.newest() : sinceOf(since, ring),
    types: typesOf(query.get("type")),
    follow: follow === "true",
  };
}

function sinceOf(text: string, ring: EventRing): number {
  // A daemon that began anew counts anew, so a higher number than its own is one of a life before.
  if (/^\d{1,15}$/.test(text)) return Number(text) > ring.newest() ? 0 : Number(text);
  const atMs = parseTime(text);
  if (atMs !== undefined) return ring.before(atMs);
  throw new RiptideError("usage", `since wants the number of an event or a time, not "${text.slice(0, 80)}"`);
}

function typesOf(text: string | null): ReadonlySet<EventType> | undefined {
  if (text === null) return undefined;
  const types = text.split(",").map((word) => {
    const type = EVENT_TYPES.find((known) => known === word.trim());
    if (type) return type;
    throw new RiptideError("usage", `there is no event of the type "${word.slice(0, 80)}"`, {
      reasons: [`known: ${EVENT_TYPES.join(", ")}`],
    });
  });
  return new Set(types);
}

/** Events at the reader's pace. Whoever falls behind by more than the ring keeps misses some, and sees so by `seq`. */
async function* following(ring: EventRing, ask: EventsAsk, signal: AbortSignal): AsyncGenerator<DaemonEvent> {
  let seq = ask.since;
  while (!signal.aborted) {
    for (const event of ring.after(seq)) {
      seq = event.seq;
      yield event;
    }
    if (!ask.follow) return;
    if (ring.newest() === seq && !(await nextEvent(ring, signal))) return;
  }
}

/** False where there will be none: the reader has gone, or the daemon is at its end. */
function nextEvent(ring: EventRing, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isThere: boolean) => {
      forget();
      signal.removeEventListener("abort", gone);
      resolve(isThere);
    };
    const gone = () => end(false);
    const forget = ring.onEvent(() => end(!ring.isClosed()));
    if (signal.aborted || ring.isClosed()) end(false);
    else signal.addEventListener("abort", gone, { once: true });
  });
}
