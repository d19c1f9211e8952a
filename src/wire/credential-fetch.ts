import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { ResponseHeaders, Transport, WireRequest } from "./http.ts";

/** What a fetcher of credentials may use of the process around it. */
export interface CredentialContext {
  readonly environment: (name: string) => string | undefined;
  /** Rejects with `ENOENT` for a file that is not there. */
  readonly readFile: (path: string) => Promise<string>;
  readonly transport: Transport;
  readonly clock: Clock;
}

export interface CredentialCall {
  /** Who is asked, as an error names it. */
  readonly what: string;
  readonly request: WireRequest;
  /** For the whole exchange; a metadata address answers at once or is not there. */
  readonly timeoutMs: number;
}

export interface CredentialReply {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly text: string;
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * One exchange with a token service, within its own time limit.
 * @throws RiptideError as the transport does, with the service's name before the message; the signal's reason.
 */
export async function fetchCredential(
  { transport, clock }: Pick<CredentialContext, "transport" | "clock">,
  { what, request, timeoutMs }: CredentialCall,
  signal: AbortSignal,
): Promise<CredentialReply> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const cancel = clock.timer(timeoutMs, () => {
    const message = `no answer within ${formatDuration(timeoutMs)}`;
    controller.abort(new RiptideError("connect_failed", message, { phase: "headers" }));
  });
  try {
    const exchange = {
      signal: controller.signal,
      connectTimeoutMs: timeoutMs,
      maxBodyBytes: MAX_BODY_BYTES,
    };
    const { status, headers, body } = await transport(request, exchange);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return { status, headers, text: Buffer.concat(chunks).toString("utf8") };
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof RiptideError)) throw thrown;
    throw new RiptideError(thrown.code, `${what}: ${thrown.message}`, thrown.facts);
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

/**
 * The error for a status that is no success. The body's own words stay out of it: a service may echo what it
 * was sent, so only a short code such as `invalid_grant` is shown.
 */
export function credentialRefused(what: string, { status, text }: CredentialReply): RiptideError {
  const reply = jsonObject(text);
  const reason = [reply?.error, reply?.Code, reply?.code].find(isShortCode);
  const message = `${what} answered ${status}${reason ? ` (${reason})` : ""}`;
  const isPassing = status >= 500 || status === 408 || status === 429;
  return new RiptideError(isPassing ? "provider_error" : "auth_failed", message, { status });
}

const isShortCode = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z][\w.-]{0,39}$/.test(value);

/** An object in JSON, or undefined. The parser's error is not kept: it quotes the text, which holds secrets. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined; // Just shown to be an object.
  } catch {
    return undefined;
  }
}

/** A file's text, or undefined when there is no such file. */
export async function readOptionalFile(
  { readFile }: Pick<CredentialContext, "readFile">,
  path: string,
): Promise<string | undefined> {
  try {
    return await readFile(path);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unreadable";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw noCredentials(`cannot read ${path} (${code})`);
  }
}

/** The user's home, by the variables that the vendors' own tools read. */
export const homeFolder = ({ environment }: Pick<CredentialContext, "environment">): string | undefined =>
  environment("HOME") || environment("USERPROFILE") || undefined;

/** One provider without credentials does not end an operation that others could serve. */
export const noCredentials = (
  message: string,
  facts: { readonly hint?: string; readonly reasons?: readonly string[] } = {},
): RiptideError => new RiptideError("secret_missing", message, { action: "next", ...facts });
