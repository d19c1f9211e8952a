import type { Server } from "node:http";
import type { Clock } from "../../core/clock.ts";

/** Last words are on their way to the reader for so long at most. */
const LAST_WORDS_MS = 1_000;
const LOOK_EVERY_MS = 10;

/** Closes the connections of servers that take no more: those with nothing to say at once, the others when it is said. */
export async function endConnections(servers: readonly Server[], clock: Clock): Promise<void> {
  const open = new Set(servers);
  const giveUpAt = clock.now() + LAST_WORDS_MS;
  for (const server of servers) {
    server.getConnections((_error, count) => count === 0 && open.delete(server));
    server.once("close", () => open.delete(server));
  }
  while (clock.now() < giveUpAt) {
    for (const server of open) server.closeIdleConnections();
    await clock.sleep(LOOK_EVERY_MS);
    if (open.size === 0) return;
  }
  for (const server of open) server.closeAllConnections();
}
