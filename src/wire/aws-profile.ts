import { type AwsCredentialOptions, type AwsCredentialStep, awsCredentials } from "./aws-keys.ts";
import { sdkCredentials } from "./aws-sdk-credentials.ts";
import { homeFolder, noCredentials, readOptionalFile } from "./credential-fetch.ts";

type Profile = Readonly<Record<string, string>>;

/** Keys of a profile that lead to credentials by a program, a browser or another service. */
const DELEGATED = [
  "role_arn",
  "credential_process",
  "sso_session",
  "sso_account_id",
  "web_identity_token_file",
  "login_session",
];

/** Credentials of one profile in the shared files (AWS SDKs and Tools Reference Guide, "Shared config files"). */
export const profileCredentials: AwsCredentialStep = async (options, signal) => {
  const named = options.profile ?? (options.environment("AWS_PROFILE") || undefined);
  const name = named ?? "default";
  const profile = await readProfile(options, name);
  if (!profile) {
    if (named === undefined) return "shared files: no profile default";
    throw noCredentials(`the AWS profile ${named} is in neither of the shared files`, {
      hint: "see `aws configure list-profiles`",
    });
  }
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = profile;
  // A profile with a role uses its keys only to ask for that role.
  if (accessKeyId && secretAccessKey && !profile.role_arn) {
    return awsCredentials({ accessKeyId, secretAccessKey, sessionToken: profile.aws_session_token });
  }
  const way = DELEGATED.find((key) => profile[key]);
  if (!way) return `shared files: profile ${name} holds no credentials`;
  return sdkCredentials(options, { profile: name, neededBy: `the AWS profile ${name} (${way})` }, signal);
};

/** A profile as both files have it; the credentials file goes before the config file. */
async function readProfile(options: AwsCredentialOptions, name: string): Promise<Profile | undefined> {
  const home = homeFolder(options);
  const read = async (variable: string, file: string) => {
    const path = options.environment(variable) || (home && `${home}/.aws/${file}`);
    return iniSections((path && (await readOptionalFile(options, path))) || "");
  };
  const credentials = await read("AWS_SHARED_CREDENTIALS_FILE", "credentials");
  const config = await read("AWS_CONFIG_FILE", "config");
  const inCredentials = credentials.get(name);
  const inConfig = config.get(`profile ${name}`) ?? (name === "default" ? config.get(name) : undefined);
  return inCredentials || inConfig ? { ...inConfig, ...inCredentials } : undefined;
}

/** The sections of an ini file. Indented lines under a key without a value are settings of one service. */
function iniSections(text: string): ReadonlyMap<string, Profile> {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> | undefined;
  let isNested = false;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/(^|\s)[#;].*$/, "");
    const heading = /^\s*\[\s*([^\]]+?)\s*\]\s*$/.exec(line)?.[1];
    const [, indent = "", key, value = ""] = /^(\s*)([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (heading !== undefined) {
      const name = heading.replace(/\s+/g, " ").replaceAll('"', "");
      section = sections.get(name) ?? {};
      sections.set(name, section);
      isNested = false;
    } else if (section && key && !(isNested && indent)) {
      isNested = value === "";
      if (!isNested) section[key] = value;
    }
  }
  return sections;
}
