import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { awsCredentialSource } from "../../src/wire/aws-credentials.ts";
import { type AwsCredentialOptions, type AwsCredentials, awsCredentials } from "../../src/wire/aws-keys.ts";
import { credentialContext } from "../helpers/credential-context.ts";
import { type Answered, type Asked, startTokenServer, type TokenServer } from "../helpers/token-server.ts";

const { signal } = new AbortController();
const OFF = { AWS_EC2_METADATA_DISABLED: "true", HOME: "/home/u" };
const KEYS = { AWS_ACCESS_KEY_ID: "AKENV", AWS_SECRET_ACCESS_KEY: "s-env" };

let server: TokenServer | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
});
const serve = async (answer: (asked: Asked) => Answered | undefined) => {
  server = await startTokenServer(answer);
  return server;
};

const plain = (credentials: AwsCredentials) => ({
  ...credentials,
  secretAccessKey: credentials.secretAccessKey.reveal(),
  ...(credentials.sessionToken && { sessionToken: credentials.sessionToken.reveal() }),
});
const find = async (options: AwsCredentialOptions) => plain(await awsCredentialSource(options).get(signal));
const context = (variables: Record<string, string>, files: Record<string, string> = {}) =>
  credentialContext({ ...OFF, ...variables }, files);

describe("the chain", () => {
  const credentials = "/home/u/.aws/credentials";
  const config = "/home/u/.aws/config";
  const section = (name: string, key: string) =>
    `[${name}]\naws_access_key_id = ${key}\naws_secret_access_key = s-${key}\n`;
  const found = (key: string) => ({ accessKeyId: key, secretAccessKey: `s-${key}` });

  it("takes given keys before anything else", async () => {
    const explicit = awsCredentials({ accessKeyId: "AKX", secretAccessKey: "s-AKX" });
    expect(await find({ ...context(KEYS), explicit })).toEqual(found("AKX"));
  });

  it("takes keys of the environment, with a session token", async () => {
    const options = context(
      { ...KEYS, AWS_SESSION_TOKEN: "tok" },
      { [credentials]: section("default", "AKF") },
    );
    expect(await find(options)).toEqual({
      accessKeyId: "AKENV",
      secretAccessKey: "s-env",
      sessionToken: "tok",
    });
  });

  it("takes a configured profile before keys of the environment", async () => {
    const options = { ...context(KEYS, { [credentials]: section("work", "AKW") }), profile: "work" };
    expect(await find(options)).toEqual(found("AKW"));
  });

  it.each([
    ["default profile of the credentials file", {}, { [credentials]: section("default", "A") }],
    ["default profile of the config file", {}, { [config]: section("default", "A") }],
    ["profile of the config file", { AWS_PROFILE: "p q" }, { [config]: section('profile  "p q"', "A") }],
    [
      "credentials file first",
      {},
      { [config]: section("default", "B"), [credentials]: section("default", "A") },
    ],
    ["files elsewhere", { AWS_SHARED_CREDENTIALS_FILE: "/x" }, { "/x": section("default", "A") }],
    ["config file elsewhere", { AWS_CONFIG_FILE: "/x" }, { "/x": section("default", "A") }],
    ["Windows line ends", {}, { [credentials]: section("default", "A").replaceAll("\n", "\r\n") }],
    [
      "comments, other sections and nested settings",
      {},
      {
        [credentials]: `# top\n${section("other", "B")}; aside\n${section(" default ", "A # mine")}s3 =\n  aws_access_key_id = C\n`,
      },
    ],
  ] as readonly [string, Record<string, string>, Record<string, string>][])(
    "reads the %s",
    async (_what, variables, files) => {
      const { accessKeyId } = await find(context(variables, files));
      expect(accessKeyId).toBe("A");
    },
  );

  it("names a profile that does not exist", async () => {
    await expect(find(context({ AWS_PROFILE: "wrok" }))).rejects.toMatchObject({
      code: "secret_missing",
      message: "the AWS profile wrok is in neither of the shared files",
    });
  });

  it("says for each way why it gave nothing, and what to do", async () => {
    await expect(find(context({ AWS_ACCESS_KEY_ID: "AK" }))).rejects.toMatchObject({
      code: "secret_missing",
      action: "next",
      facts: {
        reasons: [
          "environment: AWS_SECRET_ACCESS_KEY is not set",
          "shared files: no profile default",
          "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
          "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set",
          "instance: AWS_EC2_METADATA_DISABLED is true",
        ],
        hint: expect.stringContaining("aws configure"),
      },
    });
  });

  it("names a file that cannot be read, and not what is in it", async () => {
    const readFile = async () => Promise.reject(Object.assign(new Error("s-env"), { code: "EACCES" }));
    await expect(find({ ...context({}), readFile })).rejects.toMatchObject({
      code: "secret_missing",
      message: "cannot read /home/u/.aws/credentials (EACCES)",
    });
  });

  it("reads the files again after a refusal, for keys that were rotated", async () => {
    const files = { [credentials]: section("default", "OLD") };
    const options = context({}, files);
    const source = awsCredentialSource(options);
    expect((await source.get(signal)).accessKeyId).toBe("OLD");
    files[credentials] = section("default", "NEW");
    options.clock.skip(60_000);
    source.rejected();
    expect((await source.get(signal)).accessKeyId).toBe("NEW");
  });
});

describe("ways that the AWS SDK's package goes", () => {
  const config = "/home/u/.aws/config";

  it.each([
    ["role_arn", "role_arn = arn:x\naws_access_key_id = A\naws_secret_access_key = B"],
    ["credential_process", "credential_process = print-keys"],
    ["sso_session", "sso_session = corp"],
  ])("asks for the package for %s", async (way, body) => {
    const load = async (name: string) =>
      Promise.reject(Object.assign(new Error(name), { code: "ERR_MODULE_NOT_FOUND" }));
    const options = { ...context({ AWS_PROFILE: "p" }, { [config]: `[profile p]\n${body}\n` }), load };
    await expect(find(options)).rejects.toMatchObject({
      code: "secret_missing",
      action: "next",
      message: `the AWS profile p (${way}) needs the package @aws-sdk/credential-provider-node, which is not installed`,
      facts: { hint: "npm install @aws-sdk/credential-provider-node" },
    });
  });

  it("gives a web identity to the package", async () => {
    const init: object[] = [];
    const load = async () => ({
      defaultProvider: (given: object) => {
        init.push(given);
        return async () => ({
          accessKeyId: "A",
          secretAccessKey: "B",
          sessionToken: "T",
          expiration: new Date(9),
        });
      },
    });
    const options = { ...context({ AWS_WEB_IDENTITY_TOKEN_FILE: "/token" }), load };
    const keys = { accessKeyId: "A", secretAccessKey: "B", sessionToken: "T", expiresAtWallMs: 9 };
    expect(await find(options)).toEqual(keys);
    expect(init).toEqual([{ logger: expect.anything() }]);
  });

  it("keeps the package's words to itself, which may hold what a program printed", async () => {
    const load = async () => ({ defaultProvider: () => async () => Promise.reject(new TypeError("s3cret")) });
    const files = { [config]: "[profile p]\ncredential_process = x\n" };
    const error = await find({ ...context({ AWS_PROFILE: "p" }, files), load }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "auth_failed", message: expect.stringContaining("(TypeError)") });
    expect(`${error.stack} ${JSON.stringify(error.facts)} ${error.cause}`).not.toContain("s3cret");
  });

  it("works with the real package and a credential_process", async () => {
    const folder = await mkdtemp(join(tmpdir(), "riptide-"));
    const printed = {
      Version: 1,
      AccessKeyId: "AKP",
      SecretAccessKey: "s",
      Expiration: "2099-01-01T00:00:00Z",
    };
    await writeFile(join(folder, "keys.json"), JSON.stringify(printed));
    const text = `[profile p]\ncredential_process = cat ${join(folder, "keys.json")}\n`;
    await writeFile(join(folder, "config"), text);
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
    const options = context({ AWS_CONFIG_FILE: "/c", AWS_PROFILE: "p" }, { "/c": text });
    const keys = { accessKeyId: "AKP", secretAccessKey: "s", expiresAtWallMs: Date.UTC(2099, 0) };
    expect(await find(options)).toEqual(keys);
    await rm(folder, { recursive: true });
  });
});

const REPLY = {
  Code: "Success",
  AccessKeyId: "AKR",
  SecretAccessKey: "s-role",
  Token: "t-role",
  Expiration: "2026-11-22T21:00:00Z",
};
const ROLE = {
  accessKeyId: "AKR",
  secretAccessKey: "s-role",
  sessionToken: "t-role",
  expiresAtWallMs: Date.UTC(2026, 10, 22, 21),
};

describe("a container", () => {
  const at = (url: string, more: Record<string, string> = {}) =>
    context({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url, ...more }, { "/token": "file-token\n" });

  it.each([
    ["without a token", {}, undefined],
    ["with a token", { AWS_CONTAINER_AUTHORIZATION_TOKEN: "env-token" }, "env-token"],
    ["with a token in a file", { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/token" }, "file-token"],
  ] as readonly [string, Record<string, string>, string | undefined][])(
    "gives its role's keys %s",
    async (_what, more, token) => {
      const { url, asked } = await serve(() => ({ body: REPLY }));
      expect(await find(at(`${url}/v1/creds?x=1`, more))).toEqual(ROLE);
      expect(asked).toMatchObject([{ method: "GET", path: "/v1/creds?x=1" }]);
      expect(asked[0]?.headers.authorization).toBe(token);
    },
  );

  it("is not asked without the token it wants", async () => {
    const { url, asked } = await serve(() => ({ body: REPLY }));
    const options = at(url, { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/nowhere" });
    await expect(find(options)).rejects.toMatchObject({
      code: "secret_missing",
      message: "the container's token file /nowhere does not exist",
    });
    expect(asked).toEqual([]);
  });

  it.each(["http://example.com/creds", "http://169.254.1.1/", "ftp://127.0.0.1/", "nonsense"])(
    "is not asked at %s",
    async (url) => {
      await expect(find(at(url))).rejects.toMatchObject({ code: "config_invalid", action: "next" });
    },
  );

  it("is asked at its own address for a relative path", async () => {
    const urls: string[] = [];
    const options: AwsCredentialOptions = {
      ...context({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/x" }),
      transport: async ({ url }) => {
        urls.push(url);
        throw new Error("enough");
      },
    };
    await expect(find(options)).rejects.toThrow("enough");
    expect(urls).toEqual(["http://169.254.170.2/v2/credentials/x"]);
  });

  it.each([
    [
      { status: 403, body: { code: "AccessDenied", message: "env-token" } },
      "auth_failed",
      "403 (AccessDenied)",
    ],
    [{ status: 500, body: "env-token" }, "provider_error", "AWS container credentials answered 500"],
    [{ body: "not JSON, env-token" }, "protocol_error", "an answer without keys"],
    [{ body: { ...REPLY, SecretAccessKey: 7 } }, "protocol_error", "an answer without keys"],
  ] as const)("says what is wrong with %j, without a secret", async (reply, code, message) => {
    const { url } = await serve(() => reply);
    const error = await find(at(url, { AWS_CONTAINER_AUTHORIZATION_TOKEN: "env-token" })).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(`${error.stack} ${JSON.stringify(error.facts)}`).not.toMatch(/env-token|s-role|t-role/);
  });
});

describe("an instance", () => {
  const metadata = ({ method, path, headers }: Asked): Answered => {
    if (method === "PUT" && path === "/latest/api/token")
      return headers["x-aws-ec2-metadata-token-ttl-seconds"] ? { body: "session" } : { status: 400 };
    if (headers["x-aws-ec2-metadata-token"] !== "session") return { status: 401 };
    if (path === "/latest/meta-data/iam/security-credentials/") return { body: "my-role\n" };
    if (path === "/latest/meta-data/iam/security-credentials/my-role") return { body: REPLY };
    return { status: 404 };
  };
  const at = (url: string) => credentialContext({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/` });

  it("gives its role's keys by a session of version 2", async () => {
    const { url, asked } = await serve(metadata);
    expect(await find(at(url))).toEqual(ROLE);
    expect(asked.map(({ method }) => method)).toEqual(["PUT", "GET", "GET"]);
  });

  it("is asked again five minutes before the keys expire", async () => {
    const { url, asked } = await serve(metadata);
    const options = at(url);
    const source = awsCredentialSource(options);
    await source.get(signal);
    options.clock.skip(6 * 3_600_000 - 300_001);
    await source.get(signal);
    expect(asked).toHaveLength(3);
    options.clock.skip(1);
    await source.get(signal);
    expect(asked).toHaveLength(6);
  });

  it.each([
    ["refuses sessions", () => ({ status: 403 }), "instance: the metadata service answered 403"],
    [
      "has no role",
      ({ method }: Asked) => (method === "PUT" ? { body: "session" } : { status: 404 }),
      "instance: no role (404)",
    ],
  ])("gives nothing when it %s", async (_what, answer, reason) => {
    const { url } = await serve(answer);
    await expect(find(at(url))).rejects.toMatchObject({
      code: "secret_missing",
      facts: { reasons: expect.arrayContaining([reason]) },
    });
  });

  it("gives nothing when nobody answers in time", async () => {
    const { url, asked } = await serve(() => undefined);
    const options = at(url);
    const outcome = find(options).catch((thrown) => thrown);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    options.clock.skip(2_000);
    expect(await outcome).toMatchObject({
      code: "secret_missing",
      facts: { reasons: expect.arrayContaining(["instance: AWS instance metadata: no answer within 2 s"]) },
    });
    expect(options.clock.pending).toBe(0);
  });

  it("is left at once by a caller that leaves", async () => {
    const { url, asked } = await serve(() => undefined);
    const leaving = new AbortController();
    const options = at(url);
    const outcome = awsCredentialSource(options).get(leaving.signal);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    leaving.abort(new Error("gone"));
    await expect(outcome).rejects.toThrow("gone");
    await vi.waitFor(() => expect(options.clock.pending).toBe(0));
  });
});
