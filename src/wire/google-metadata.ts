import { RiptideError } from "../core/errors.ts";
import {
  type CredentialContext,
  type CredentialReply,
  credentialRefused,
  fetchCredential,
  noCredentials,
} from "./credential-fetch.ts";
import { tokenOf } from "./google-credentials-file.ts";
import type { GoogleToken } from "./google-types.ts";

const WHAT = "the Google metadata server";
const HOST = "metadata.google.internal";
const PATH = "/computeMetadata/v1/instance/service-accounts/default/token";
/** It is part of the machine: a slow answer means that this is no Google machine. */
const TIMEOUT_MS = 3_000;

/** The token of the machine's own service account (Compute Engine documentation, "VM metadata"). */
export async function metadataToken(context: CredentialContext, signal: AbortSignal): Promise<GoogleToken> {
  const reply = await ask(context, signal);
  // Any other server may have the name in a foreign network; its answer is nobody's token.
  if (reply.headers["metadata-flavor"] !== "Google") throw nothingFound(`${WHAT}: somebody else answered`);
  if (reply.status === 404) throw nothingFound(`${WHAT}: the machine has no service account`);
  if (reply.status !== 200) throw credentialRefused(WHAT, reply);
  return tokenOf(WHAT, reply.text, context.clock.wall());
}

async function ask(context: CredentialContext, signal: AbortSignal): Promise<CredentialReply> {
  const host = context.environment("GCE_METADATA_HOST") || HOST;
  const headers = { "metadata-flavor": "Google" };
  const request = { method: "GET", url: `http://${host}${PATH}`, headers } as const;
  try {
    return await fetchCredential(context, { what: WHAT, request, timeoutMs: TIMEOUT_MS }, signal);
  } catch (thrown) {
    if (thrown instanceof RiptideError && thrown.code === "connect_failed")
      throw nothingFound(thrown.message);
    throw thrown;
  }
}

const nothingFound = (reason: string): RiptideError =>
  noCredentials("no Google credentials were found", {
    reasons: ["no credentials file is named, and none is in its usual place", reason],
    hint: "set GOOGLE_APPLICATION_CREDENTIALS or run `gcloud auth application-default login`",
  });
