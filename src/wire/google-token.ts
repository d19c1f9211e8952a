import { RiptideError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import {
  type CredentialContext,
  homeFolder,
  jsonObject,
  noCredentials,
  readOptionalFile,
} from "./credential-fetch.ts";
import { TOKEN_FETCHERS } from "./google-credentials-file.ts";
import { metadataToken } from "./google-metadata.ts";
import type { CredentialsFile, GoogleToken } from "./google-types.ts";
import type { Authoriser } from "./http.ts";
import type { LoadModule } from "./optional-package.ts";
import { renewing } from "./renewing.ts";

export interface GoogleTokenOptions extends CredentialContext {
  /** From the provider's own configuration; without it the application default credentials are used. */
  readonly credentialsFile?: string;
  /** A token somebody else fetched; it is sent as it is. */
  readonly accessToken?: Secret;
  /** Loads google-auth-library, for the kinds of file that RipTide does not read itself. */
  readonly load?: LoadModule;
}

/**
 * Adds a Google access token to each request: of a service account, a user (`gcloud auth`), or the machine,
 * in the order of the application default credentials (Google Cloud documentation).
 */
export function googleTokenSource(options: GoogleTokenOptions): Authoriser {
  const tokens = renewing((signal) => fetchToken(options, signal), options.clock);
  return {
    async authorise(request, signal) {
      const { token, quotaProject } = await tokens.get(signal);
      const headers = {
        ...request.headers,
        authorization: token.prefixed("Bearer "),
        ...(quotaProject && { "x-goog-user-project": quotaProject }),
      };
      return { ...request, headers };
    },
    rejected: tokens.rejected,
  };
}

async function fetchToken(options: GoogleTokenOptions, signal: AbortSignal): Promise<GoogleToken> {
  if (options.accessToken) return withQuotaProject(options, { token: options.accessToken });
  const file = await findFile(options);
  if (!file) return withQuotaProject(options, await metadataToken(options, signal));
  const fetcher = TOKEN_FETCHERS.get(file.text("type"));
  if (!fetcher) {
    throw new RiptideError("config_invalid", `${file.path}: unknown type of Google credentials`, {
      action: "next",
      hint: `known types: ${[...TOKEN_FETCHERS.keys()].join(", ")}`,
    });
  }
  return withQuotaProject(options, await fetcher(file, options, signal), file);
}

/** The environment's quota project goes before the file's. */
function withQuotaProject(
  options: GoogleTokenOptions,
  token: GoogleToken,
  file?: CredentialsFile,
): GoogleToken {
  const inFile = file?.json.quota_project_id;
  const quotaProject =
    options.environment("GOOGLE_CLOUD_QUOTA_PROJECT") || (typeof inFile === "string" && inFile) || undefined;
  return quotaProject ? { ...token, quotaProject } : token;
}

async function findFile(options: GoogleTokenOptions): Promise<CredentialsFile | undefined> {
  const named =
    options.credentialsFile ?? (options.environment("GOOGLE_APPLICATION_CREDENTIALS") || undefined);
  const path = named ?? defaultFile(options);
  const content = path === undefined ? undefined : await readOptionalFile(options, path);
  if (path === undefined || content === undefined) {
    if (named === undefined) return undefined;
    throw noCredentials(`the Google credentials file ${named} does not exist`);
  }
  return credentialsFile(path, content);
}

/** Where `gcloud auth application-default login` writes. */
function defaultFile(options: GoogleTokenOptions): string | undefined {
  const { environment } = options;
  const home = homeFolder(options);
  const roaming = environment("APPDATA");
  const folder =
    environment("CLOUDSDK_CONFIG") || (roaming ? `${roaming}/gcloud` : home && `${home}/.config/gcloud`);
  return folder ? `${folder}/application_default_credentials.json` : undefined;
}

function credentialsFile(path: string, content: string): CredentialsFile {
  const invalid = (problem: string) =>
    new RiptideError("config_invalid", `${path}: ${problem}`, { action: "next" });
  const json = jsonObject(content);
  if (!json) throw invalid("not a JSON object");
  const text = (field: string) => {
    const value = json[field];
    if (typeof value === "string" && value !== "") return value;
    throw invalid(`"${field}" is missing`);
  };
  return { path, json, text, invalid };
}
