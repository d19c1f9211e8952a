import { replyJson } from "../http/exchange.ts";
import type { Route } from "../routes.ts";

/** The number that a client and a daemon have to share. */
export const PROTOCOL = 1;

/** Who answers here: what a client looks at before it sends anything. */
export const hello: Route = async (exchange, { version, generations, gate, place }) => {
  const { generation, warnings = [] } = generations.current();
  const { config } = generation;
  replyJson(exchange, {
    schema: "riptide.hello/1",
    version,
    protocol: PROTOCOL,
    pid: place.pid,
    state: gate.isDraining() ? "draining" : "running",
    state_dir: place.stateDir,
    config: {
      path: config.path,
      revision: config.revision,
      warnings: warnings.map(({ line, column, message }) => ({ line, column, message })),
    },
    limits: { max_stdin_bytes: config.limits.maxStdinBytes },
  });
};
