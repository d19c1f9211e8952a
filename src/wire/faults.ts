import { RiptideError } from "../core/errors.ts";

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name is unknown",
  EAI_AGAIN: "the name could not be looked up",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "no answer from the network",
};

const CERTIFICATE_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate chain is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an authority that is not trusted",
};

/** Why no connection came about: network trouble may be tried again, a certificate stays as it is. */
export function connectError(
  error: unknown,
  peer: string,
  phase: "lookup" | "connect" | "tls",
): RiptideError {
  if (error instanceof RiptideError) return error;
  const code = codeOf(error);
  const isTls = phase === "tls" && code !== "ECONNRESET";
  const reason = (isTls && CERTIFICATE_REASONS[code]) || CONNECT_REASONS[code] || textOf(error);
  const message = `cannot connect to ${peer}: ${reason}`;
  const untrusted = /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);
  return new RiptideError("connect_failed", message, {
    phase,
    action: isTls ? "next" : "repair",
    cause: error,
    ...(untrusted ? { hint: "trust the authority that signed it with ca_file" } : {}),
  });
}

/** What is known of a connection on which an exchange failed. */
export interface Broken {
  readonly host: string;
  readonly connectionReused: boolean;
}

/**
 * Why no head came. Silence up to the end may be a connection the provider had given up; bytes that are no
 * head are not worth a second look (fault row 7).
 */
export function headError(error: unknown, broken: Broken, bytesRead: number): RiptideError {
  const { host, connectionReused } = broken;
  const facts = { phase: "headers", connectionReused, cause: error } as const;
  const code = codeOf(error);
  if (bytesRead === 0)
    return new RiptideError("protocol_error", `${host} closed the connection without an answer`, {
      ...facts,
      action: "repair",
    });
  const message = /HEADERS?_OVERFLOW/.test(code)
    ? `${host} sent more than 16 KiB of headers`
    : `${host} did not answer in HTTP: ${textOf(error)}`;
  return new RiptideError("protocol_error", message, { ...facts, action: "next" });
}

/** Why a body stopped before its end. */
export function bodyError(
  error: unknown,
  { host, connectionReused }: Broken,
  isMalformed: boolean,
): RiptideError {
  if (error instanceof RiptideError) return error;
  const facts = { phase: "body", connectionReused, cause: error } as const;
  return isMalformed || MALFORMED_DATA.test(codeOf(error))
    ? new RiptideError("protocol_error", `${host} sent a malformed body: ${textOf(error)}`, {
        ...facts,
        action: "next",
      })
    : new RiptideError("protocol_error", `${host} cut its answer off`, { ...facts, action: "repair" });
}

/** The decompressors' codes for bytes that are wrong, not missing (`Z_BUF_ERROR`); Brotli's begin with `ERR__`. */
const MALFORMED_DATA = /^(Z_(?!BUF)|ERR__)/;

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** An AggregateError of several addresses has no message of its own. */
const textOf = (error: unknown): string =>
  (error instanceof Error && error.message) || codeOf(error) || "unknown error";
