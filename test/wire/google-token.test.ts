import { generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { type GoogleTokenOptions, googleTokenSource } from "../../src/wire/google-token.ts";
import type { WireRequest } from "../../src/wire/http.ts";
import { credentialContext } from "../helpers/credential-context.ts";
import { type Answered, type Asked, startTokenServer, type TokenServer } from "../helpers/token-server.ts";

const { signal } = new AbortController();
const request: WireRequest = {
  method: "POST",
  url: "https://x.test/",
  headers: { accept: "*/*" },
  body: "{}",
};
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

let server: TokenServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const serve = async (answer: (asked: Asked, count: number) => Answered | undefined) => {
  let count = 0;
  server = await startTokenServer((asked) => answer(asked, ++count));
  return server;
};
const tokens = (_asked: Asked, count: number) => ({ body: { access_token: `t${count}`, expires_in: 3_600 } });

/** The headers that are added to a request. */
async function headers(source: ReturnType<typeof googleTokenSource>) {
  const { headers: all, ...rest } = await source.authorise(request, signal);
  const { accept, ...added } = all;
  expect({ ...rest, headers: { accept } }).toEqual(request);
  return Object.fromEntries(
    Object.entries(added).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );
}
const added = (options: GoogleTokenOptions) => headers(googleTokenSource(options));
const withFile = (file: object | string, variables: Record<string, string> = {}) => ({
  ...credentialContext(variables, { "/adc": typeof file === "string" ? file : JSON.stringify(file) }),
  credentialsFile: "/adc",
});
const user = (more: object = {}) => ({
  type: "authorized_user",
  client_id: "id",
  client_secret: "s3cret",
  refresh_token: "r3fresh",
  ...more,
});
const account = (more: object = {}) => ({
  type: "service_account",
  client_email: "me@p.iam",
  private_key: privateKey,
  private_key_id: "k1",
  ...more,
});

describe("a service account", () => {
  it("exchanges a signed assertion for a token", async () => {
    const { url, asked } = await serve(tokens);
    expect(await added(withFile(account({ token_uri: `${url}/token` })))).toEqual({
      authorization: "Bearer t1",
    });
    const form = new URLSearchParams(asked[0]?.body);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const [head = "", claims = "", signature = ""] = form.get("assertion")?.split(".") ?? [];
    const json = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(json(head)).toEqual({ alg: "RS256", typ: "JWT", kid: "k1" });
    const iat = Date.UTC(2026, 10, 22, 15) / 1_000;
    expect(json(claims)).toEqual({
      iss: "me@p.iam",
      scope: "https://www.googleapis.com/auth/cloud-platform",
      aud: `${url}/token`,
      iat,
      exp: iat + 3_600,
    });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify("RSA-SHA256", signed, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
  });

  it.each([
    ["not JSON", 's3cret {"private_key"', "/adc: not a JSON object"],
    ["a field missing", account({ client_email: undefined }), '/adc: "client_email" is missing'],
    ["a broken key", account({ private_key: "s3cret" }), '/adc: "private_key" is not an RSA key in PEM form'],
    ["an unknown type", { type: "s3cret" }, "/adc: unknown type of Google credentials"],
    [
      "a plain token_uri",
      account({ token_uri: "http://x.test/s3cret" }),
      '/adc: "token_uri" is not an https',
    ],
    ["a strange token_uri", account({ token_uri: "s3cret" }), '/adc: "token_uri" is not an https address'],
  ])("is refused with %s, without a secret in the error", async (_what, file, message) => {
    const error = await added(withFile(file)).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: "config_invalid",
      action: "next",
      message: expect.stringContaining(message),
    });
    expect(`${error.stack} ${error.cause} ${JSON.stringify(error.facts)}`).not.toContain("s3cret");
  });
});

describe("a user", () => {
  it("exchanges the refresh token, and sends the quota project along", async () => {
    const { url, asked } = await serve(tokens);
    const file = user({ token_uri: url, quota_project_id: "q" });
    expect(await added(withFile(file))).toEqual({ authorization: "Bearer t1", "x-goog-user-project": "q" });
    expect(asked[0]).toMatchObject({
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      grant_type: "refresh_token",
      client_id: "id",
      client_secret: "s3cret",
      refresh_token: "r3fresh",
    });
  });

  it("prefers the quota project of the environment", async () => {
    const { url } = await serve(tokens);
    const options = withFile(user({ token_uri: url, quota_project_id: "q" }), {
      GOOGLE_CLOUD_QUOTA_PROJECT: "e",
    });
    expect(await added(options)).toMatchObject({ "x-goog-user-project": "e" });
  });

  it("goes to Google unless the file names another address", async () => {
    const urls: string[] = [];
    const transport = async ({ url }: WireRequest) => {
      urls.push(url);
      throw new Error("enough");
    };
    await expect(added({ ...withFile(user()), transport })).rejects.toThrow("enough");
    expect(urls).toEqual(["https://oauth2.googleapis.com/token"]);
  });

  it.each([
    [
      { status: 400, body: { error: "invalid_grant", error_description: "r3fresh" } },
      "auth_failed",
      "400 (invalid_grant)",
    ],
    [
      { status: 400, body: { error: "r3fresh s3cret" } },
      "auth_failed",
      "the Google token service answered 400",
    ],
    [{ status: 503, body: "s3cret" }, "provider_error", "answered 503"],
    [{ status: 429, body: {} }, "provider_error", "answered 429"],
    [{ body: "s3cret" }, "protocol_error", "gave an answer without a token"],
    [{ body: { access_token: "s3cret" } }, "protocol_error", "gave an answer without a token"],
  ] as const)("reports %j without a secret in the error", async (reply, code, message) => {
    const { url } = await serve(() => reply);
    const error = await added(withFile(user({ token_uri: url }))).catch((thrown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(`${error.stack} ${error.cause} ${JSON.stringify(error.facts)}`).not.toMatch(/s3cret|r3fresh/);
  });

  it("reports a service that does not answer", async () => {
    const { url, asked } = await serve(() => undefined);
    const options = withFile(user({ token_uri: url }));
    const outcome = added(options).catch((thrown) => thrown);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    options.clock.skip(10_000);
    expect(await outcome).toMatchObject({
      code: "connect_failed",
      message: "the Google token service: no answer within 10 s",
    });
  });
});

describe("the token", () => {
  it("is held until five minutes before its end, and shared by those who wait", async () => {
    const { url, asked } = await serve(tokens);
    const options = withFile(user({ token_uri: url }));
    const source = googleTokenSource(options);
    await Promise.all([headers(source), headers(source)]);
    options.clock.skip(55 * 60_000 - 1);
    expect(await headers(source)).toEqual({ authorization: "Bearer t1" });
    expect(asked).toHaveLength(1);
    options.clock.skip(1);
    expect(await headers(source)).toEqual({ authorization: "Bearer t2" });
  });

  it("is dropped when it was refused, unless it is younger than 60 s", async () => {
    const { url } = await serve(tokens);
    const options = withFile(user({ token_uri: url }));
    const source = googleTokenSource(options);
    await headers(source);
    source.rejected?.();
    expect(await headers(source)).toEqual({ authorization: "Bearer t1" });
    options.clock.skip(60_000);
    source.rejected?.();
    expect(await headers(source)).toEqual({ authorization: "Bearer t2" });
  });

  it("is sent as it is when it was given", async () => {
    const options = { ...credentialContext(), accessToken: new Secret("given") };
    expect(await added(options)).toEqual({ authorization: "Bearer given" });
  });

  it("is not printed", async () => {
    const options = { ...credentialContext(), accessToken: new Secret("given") };
    expect(JSON.stringify(await googleTokenSource(options).authorise(request, signal))).not.toContain(
      "given",
    );
  });
});

describe("application default credentials", () => {
  it.each([
    ["GOOGLE_APPLICATION_CREDENTIALS", { GOOGLE_APPLICATION_CREDENTIALS: "/g", HOME: "/h" }, "/g"],
    ["the home folder", { HOME: "/h" }, "/h/.config/gcloud/application_default_credentials.json"],
    ["CLOUDSDK_CONFIG", { CLOUDSDK_CONFIG: "/c", HOME: "/h" }, "/c/application_default_credentials.json"],
    ["APPDATA", { APPDATA: "/a", USERPROFILE: "/h" }, "/a/gcloud/application_default_credentials.json"],
  ] as readonly [string, Record<string, string>, string][])(
    "are found by %s",
    async (_what, variables, path) => {
      const { url } = await serve(tokens);
      const options = credentialContext(variables, { [path]: JSON.stringify(user({ token_uri: url })) });
      expect(await added(options)).toEqual({ authorization: "Bearer t1" });
    },
  );

  it("are missed by name when the named file is not there", async () => {
    await expect(added(credentialContext({ GOOGLE_APPLICATION_CREDENTIALS: "/g" }))).rejects.toMatchObject({
      code: "secret_missing",
      message: "the Google credentials file /g does not exist",
    });
  });

  const flavour = { "metadata-flavor": "Google" };

  it("come from the metadata server when there is no file", async () => {
    const { host, asked } = await serve((question, count) => ({
      headers: flavour,
      ...tokens(question, count),
    }));
    expect(await added(credentialContext({ GCE_METADATA_HOST: host }))).toEqual({
      authorization: "Bearer t1",
    });
    expect(asked[0]).toMatchObject({
      path: "/computeMetadata/v1/instance/service-accounts/default/token",
      headers: flavour,
    });
  });

  it.each([
    ["somebody else answers", { body: { access_token: "x", expires_in: 9 } }, "somebody else answered"],
    ["the machine has no account", { status: 404, headers: flavour }, "the machine has no service account"],
  ])("are missing when %s", async (_what, reply, reason) => {
    const { host } = await serve(() => reply);
    await expect(added(credentialContext({ GCE_METADATA_HOST: host }))).rejects.toMatchObject({
      code: "secret_missing",
      action: "next",
      facts: {
        reasons: expect.arrayContaining([expect.stringContaining(reason)]),
        hint: expect.stringContaining("gcloud auth application-default login"),
      },
    });
  });

  it("are missing when nobody is there", async () => {
    const { host } = await serve(() => undefined);
    await server?.close();
    await expect(added(credentialContext({ GCE_METADATA_HOST: host }))).rejects.toMatchObject({
      code: "secret_missing",
    });
  });
});

describe("files for Google's own library", () => {
  const external = {
    type: "external_account",
    audience: "a",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  };

  it.each(["external_account", "external_account_authorized_user", "impersonated_service_account"])(
    "ask for the library: %s",
    async (type) => {
      const load = async (name: string) =>
        Promise.reject(Object.assign(new Error(name), { code: "ERR_MODULE_NOT_FOUND" }));
      await expect(added({ ...withFile({ type }), load })).rejects.toMatchObject({
        code: "config_invalid",
        action: "next",
        message: `/adc (type ${type}) needs the package google-auth-library, which is not installed`,
        facts: { hint: "npm install google-auth-library" },
      });
    },
  );

  it("are exchanged by the real library", async () => {
    const { url, asked } = await serve((question, count) => ({
      headers: { "content-type": "application/json" },
      body: { ...tokens(question, count).body, token_type: "Bearer", issued_token_type: "x" },
    }));
    const folder = await mkdtemp(join(tmpdir(), "riptide-"));
    const file = join(folder, "jwt");
    await writeFile(file, "subject");
    const near = createRequire(createRequire(import.meta.url).resolve("@google/genai"));
    const load = async (name: string) => import(near.resolve(name));
    const json = { ...external, token_url: `${url}/sts`, credential_source: { file } };
    expect(await added({ ...withFile(json), load })).toEqual({ authorization: "Bearer t1" });
    expect(new URLSearchParams(asked[0]?.body).get("subject_token")).toBe("subject");
    await rm(folder, { recursive: true });
  });

  it("keep the library's words to themselves", async () => {
    class GoogleAuth {
      getClient = async () => Promise.reject(new RangeError("s3cret"));
    }
    const error = await added({ ...withFile(external), load: async () => ({ GoogleAuth }) }).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: "auth_failed", message: expect.stringContaining("(RangeError)") });
    expect(`${error.stack} ${error.cause}`).not.toContain("s3cret");
  });
});
