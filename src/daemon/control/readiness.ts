import type { Control } from "./control.ts";
import type { Handler } from "./control-route.ts";

const HTTP_UNAVAILABLE = 503;

/** `GET /healthz`: this process answers. */
export const alive: Handler = async () => ({ document: { schema: "riptide.alive/1", ok: true } });

/** `GET /readyz`: whether a request has hope: a configuration, the ledger, and a provider that can be asked. */
export const ready: Handler = async (_exchange, control) => {
  const checks = {
    // Without one there would be no daemon.
    config: true,
    accepting: !control.daemon.gate.isDraining(),
    ledger: (await control.ledgerProblem()) === undefined,
    providers: await hasProvider(control),
  };
  const isReady = Object.values(checks).every(Boolean);
  const document = { schema: "riptide.readiness/1", ok: isReady, checks };
  return { document, status: isReady ? 200 : HTTP_UNAVAILABLE };
};

/** One of which nothing is known yet may well answer. */
async function hasProvider({ health }: Control): Promise<boolean> {
  const { summary } = await health.report();
  return summary.healthy + summary.degraded + summary.unknown > 0;
}
