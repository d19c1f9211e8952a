import type { Clock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Authoriser } from "./http.ts";
import { type LoadModule, loadOptionalPackage } from "./optional-package.ts";
import { renewing } from "./renewing.ts";

const SCOPE = "https://cognitiveservices.azure.com/.default";

export interface EntraOptions {
  readonly clock: Clock;
  /** Another cloud's scope. */
  readonly scope?: string;
  /** Loads @azure/identity. */
  readonly load?: LoadModule;
}

/** The part of @azure/identity that is used. */
type DefaultAzureCredential = new () => Credential;
interface Credential {
  getToken(
    scope: string,
    options: { readonly abortSignal: AbortSignal },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** Adds a Microsoft Entra token to each request, from wherever DefaultAzureCredential finds one. */
export function entraTokenSource({ clock, scope = SCOPE, load }: EntraOptions): Authoriser {
  let credential: Credential | undefined;
  const tokens = renewing(async (signal) => {
    // Made once: it remembers which of its ways worked.
    credential ??= await createCredential(load);
    return fetchToken(credential, scope, signal);
  }, clock);
  return {
    async authorise(request, signal) {
      const { token } = await tokens.get(signal);
      return { ...request, headers: { ...request.headers, authorization: token.prefixed("Bearer ") } };
    },
    rejected: tokens.rejected,
  };
}

async function createCredential(load: LoadModule | undefined): Promise<Credential> {
  const identity = await loadOptionalPackage(
    { name: "@azure/identity", neededBy: "auth: entra", missing: "config_invalid" },
    load,
  );
  const Credential = identity.DefaultAzureCredential as DefaultAzureCredential; // Its documented export.
  return new Credential();
}

async function fetchToken(credential: Credential, scope: string, signal: AbortSignal) {
  try {
    const found = await credential.getToken(scope, { abortSignal: signal });
    if (found) return { token: new Secret(found.token), expiresAtWallMs: found.expiresOnTimestamp };
  } catch (thrown) {
    signal.throwIfAborted();
    throw refused(thrown instanceof Error ? thrown.name : "unknown error");
  }
  throw refused("no reason given");
}

/** The library's own words are left out: they may quote what its programs and services said. */
const refused = (reason: string) =>
  new RiptideError("auth_failed", `@azure/identity got no Entra token (${reason})`, {
    hint: "try `az account get-access-token --resource https://cognitiveservices.azure.com`",
  });
