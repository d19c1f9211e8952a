import { formatTime } from "../../core/clock.ts";
import type { JsonObject } from "../../core/json.ts";
import type { DaemonEvent } from "./event.ts";

/** An event as its line: `{seq, at, type}` and its own members. */
export const eventDocument = ({ seq, atMs, type, facts }: DaemonEvent): JsonObject => ({
  seq,
  at: formatTime(atMs),
  type,
  ...facts,
});

/** As a line of NDJSON. */
export const eventLine = (event: DaemonEvent): string => `${JSON.stringify(eventDocument(event))}\n`;

/** As a server-sent event; a reader that comes back names the last id it saw. */
export const eventFrame = (event: DaemonEvent): string =>
  `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(eventDocument(event))}\n\n`;
