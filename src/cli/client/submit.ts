import { RiptideError } from "../../core/errors.ts";
import { isTenantName, TENANT_NAME } from "../../core/tenant.ts";
import { bearer } from "../../wire/bearer.ts";
import type { Call } from "../command.ts";
import { idempotencyKeyOf } from "../values.ts";
import type { FoundDaemon } from "./choose.ts";
import { type Reply, send, textOf } from "./connect.ts";
import { type ErrorDocument, errorDocumentOf, errorOf } from "./errors.ts";
import { daemonMode } from "./mode.ts";

/** What came of giving work to the daemon. */
export type Submitted =
  | { readonly kind: "accepted"; readonly reply: Reply }
  | { readonly kind: "failed"; readonly document: ErrorDocument }
  /** It never took the work, so that another may do it. */
  | { readonly kind: "refused" };

interface Work {
  readonly path: string;
  readonly accept: string;
  readonly body: string;
}

/**
 * Hands work over. Whoever took no connection and whoever is shutting down has done nothing of it; in every other case
 * it may be under way, and nobody else is asked (SD-5).
 * @throws RiptideError `daemon_lost`, and under `--daemon require` also what kept it from being taken
 */
export async function submit(call: Call, { socket }: FoundDaemon, work: Work): Promise<Submitted> {
  const isRequired = daemonMode(call) === "require";
  const { path, accept, body } = work;
  const headers = { accept, ...identity(call), ...key(call) };
  let reply: Reply;
  try {
    reply = await send(socket, { method: "POST", path, headers, body, signal: call.io.signal });
  } catch (thrown) {
    if (thrown instanceof RiptideError && thrown.exit === NO_DAEMON && !isRequired)
      return { kind: "refused" };
    throw thrown;
  }
  if (reply.status < 300) return { kind: "accepted", reply };
  const document = errorDocumentOf(await textOf(reply), reply.status);
  const { code } = errorOf(document);
  const isUntouched = code === "shutting_down" && (document.attempts ?? []).length === 0;
  return isUntouched && !isRequired ? { kind: "refused" } : { kind: "failed", document };
}

/** The exit code of a daemon that took no connection. */
const NO_DAEMON = 10;

/** Who the call is for, where it says so; a key alone names its tenant too. @throws RiptideError `usage` */
export function identity({ io, given }: Call): Readonly<Record<string, string>> {
  const { environment } = io;
  const tenant = given.value("tenant") ?? environment.flags.tenant;
  if (tenant !== undefined && !isTenantName(tenant)) throw new RiptideError("usage", TENANT_NAME);
  return {
    ...(tenant !== undefined && { "x-riptide-tenant": tenant }),
    ...(environment.tenantKey && { authorization: bearer(environment.tenantKey, "RIPTIDE_TENANT_KEY") }),
  };
}

function key({ given }: Call): Readonly<Record<string, string>> {
  const idempotencyKey = idempotencyKeyOf(given);
  return idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
}
