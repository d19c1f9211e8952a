import { asRiptideError, RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { documentText } from "../../output/json.ts";
import { nativeError } from "../dialects/native-error.ts";
import { readJsonObject } from "../http/body.ts";
import { type Exchange, type Headers, reply, replyError } from "../http/exchange.ts";
import { redacted } from "../requests/failed.ts";
import type { Route } from "../routes.ts";
import type { Control } from "./control.ts";

/** A document, or a whole answer of another kind; nothing where the handler has answered by itself. */
export type Answer =
  | { readonly document: unknown; readonly status?: number; readonly after?: () => void }
  | { readonly text: string; readonly type: string; readonly status?: number };

export type Handler = (exchange: Exchange, control: Control) => Promise<Answer | undefined>;

/** A route of the main socket alone: no tenant has its way with the daemon, or sees what others do. */
export const controlRoute = (control: Control, handler: Handler): Route =>
  openRoute(control, async (exchange, parts) => {
    if (exchange.door.kind === "main") return handler(exchange, parts);
    throw new RiptideError("tenant_denied", "the daemon is controlled by its own socket alone");
  });

/** A route of every door. No secret passes in what it answers. */
export const openRoute =
  (control: Control, handler: Handler): Route =>
  async (exchange, daemon) => {
    try {
      const answer = await handler(exchange, control);
      if (answer) send(exchange, answer, daemon.redact);
    } catch (thrown) {
      const error = asRiptideError(thrown);
      if (error.code === "internal") daemon.log.error({ path: exchange.path }, daemon.redact(error.message));
      replyError(exchange, error, nativeError(redacted(error, daemon), undefined));
    }
  };

const NOT_STORED: Headers = { "cache-control": "no-store" };

function send(exchange: Exchange, answer: Answer, redact: (text: string) => string): void {
  const { status = 200 } = answer;
  if ("text" in answer) {
    reply(exchange, { status, type: answer.type, body: redact(answer.text), headers: NOT_STORED });
    return;
  }
  if (answer.after) exchange.response.once("finish", answer.after);
  const body = redact(documentText(answer.document));
  reply(exchange, { status, type: "application/json", body, headers: NOT_STORED });
}

/** The body of a control request, which may be left out. @throws RiptideError `invalid_request` */
export async function controlBody({ request }: Exchange): Promise<JsonObject> {
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  return encoding === undefined && length === "0" ? {} : readJsonObject(request);
}

/** The last segment of the path, as it was before it was encoded. @throws RiptideError `invalid_request` */
export const lastSegment = ({ path }: Exchange): string =>
  decodedSegment(path.slice(path.lastIndexOf("/") + 1));

/** @throws RiptideError `invalid_request` for what is not encoded as a URL is */
export function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new RiptideError("invalid_request", "the path is not encoded as a URL is", { cause });
  }
}
