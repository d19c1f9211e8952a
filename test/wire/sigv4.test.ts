import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { type AwsCredentials, awsCredentials } from "../../src/wire/aws-keys.ts";
import type { WireRequest } from "../../src/wire/http.ts";
import { createSigV4Authoriser, signV4 } from "../../src/wire/sigv4.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const HOST = "bedrock-runtime.us-east-1.amazonaws.com";
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const WALL_MS = Date.UTC(2026, 10, 22, 15);
const scope = { region: "us-east-1", service: "bedrock" };

const request = (changes: Partial<WireRequest> = {}): WireRequest => ({
  method: "POST",
  url: `https://${HOST}/model/amazon.nova-lite-v1%3A0/converse`,
  headers: { "content-type": "application/json" },
  body: '{"messages":[]}',
  ...changes,
});

const revealed = ({ headers }: WireRequest) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );

const sign = (wire: WireRequest, credentials: AwsCredentials = awsCredentials(KEYS), wallMs = WALL_MS) =>
  signV4(wire, { ...scope, credentials, wallMs });

describe("the reference request", () => {
  it("gets the reference signature", () => {
    expect(revealed(sign(request()))).toEqual({
      "content-type": "application/json",
      "x-amz-content-sha256": "5e4ce7b36ba37b78a5d5f9fd08e6b7b54ba6879d651aa46ec9e1d6fa24ebe30a",
      "x-amz-date": "20261122T150000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/bedrock/aws4_request, " +
        "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, " +
        "Signature=bedd63c5e15408a8dfff6ed338c809305baa268e6537db480b43f7f2b906c05a",
    });
  });

  it("is otherwise left as it was", () => {
    const { headers: _signed, ...rest } = sign(request());
    const { headers: _given, ...given } = request();
    expect(rest).toEqual(given);
  });

  it("is signed the same when the body is bytes", () => {
    const bytes = request({ body: new TextEncoder().encode('{"messages":[]}') });
    expect(revealed(sign(bytes))).toEqual(revealed(sign(request())));
  });

  it("prints neither signature nor session token", () => {
    const signed = sign(request(), awsCredentials({ ...KEYS, sessionToken: "session" }));
    expect(JSON.stringify(signed)).not.toMatch(/Signature|session/);
  });

  it("signs no header that a proxy may change", () => {
    const headers = { "content-type": "application/json", accept: "*/*", "user-agent": "riptide" };
    expect(revealed(sign(request({ headers }))).authorization).toBe(revealed(sign(request())).authorization);
  });
});

interface SdkSigner {
  sign(request: object, options: object): Promise<{ readonly headers: Readonly<Record<string, string>> }>;
}

/** What the SDK's own signer makes of the request. */
async function sdkHeaders(wire: WireRequest, keys: typeof KEYS & { sessionToken?: string }, wallMs: number) {
  const { config } = new BedrockRuntimeClient({ region: scope.region, credentials: keys });
  const of = { name: "sigv4", signingName: scope.service, signingRegion: scope.region, properties: {} };
  const signer = (await (config.signer as (scheme: object) => Promise<unknown>)(of)) as SdkSigner;
  const url = new URL(wire.url);
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  const plain = {
    method: wire.method,
    protocol: "https:",
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host, ...wire.headers },
    body: wire.body,
  };
  const { headers } = await signer.sign(plain, {
    signingDate: new Date(wallMs),
    signingRegion: scope.region,
    signingService: scope.service,
  });
  const { host: _host, ...sent } = headers;
  return sent;
}

describe("beside the SDK's signer", () => {
  const segment = fc
    .string({ unit: fc.constantFrom(..."aZ09-._~!'()*:/ @+&=%é€", "%3A", "%2F"), minLength: 1 })
    .map((text) => encodeURIComponent(text));
  const query = fc.array(fc.tuple(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 })), {
    maxLength: 4,
  });
  const cases = fc.record({
    method: fc.constantFrom("GET" as const, "POST" as const, "PUT" as const),
    path: fc.array(fc.oneof(segment, fc.constant("")), { maxLength: 5 }).map((parts) => parts.join("/")),
    query: query.map((pairs) => new URLSearchParams(pairs).toString()),
    body: fc.string({ unit: "grapheme" }),
    contentType: fc.constantFrom("application/json", "text/plain;  charset=utf-8 "),
    sessionToken: fc.option(fc.stringMatching(/^[\w+/=]{1,40}$/), { nil: undefined }),
    secretAccessKey: fc.stringMatching(/^[\w+/]{1,40}$/),
    wallMs: fc.integer({ min: Date.UTC(2001, 0), max: Date.UTC(2099, 0) }),
  });

  it("gives the same headers for any path, query, body, token and time", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ method, path, body, contentType, wallMs, sessionToken, ...rest }) => {
        const headers = { "content-type": contentType };
        const url = `https://${HOST}/${path}${rest.query && `?${rest.query}`}`;
        const keys = {
          accessKeyId: "AKID",
          secretAccessKey: rest.secretAccessKey,
          ...(sessionToken && { sessionToken }),
        };
        const wire = { method, url, headers, body };
        const ours = revealed(sign(wire, awsCredentials(keys), wallMs));
        expect(ours).toEqual(await sdkHeaders(wire, keys, wallMs));
      }),
    );
  });
});

describe("the authoriser", () => {
  it("signs with the credentials and the time of the moment, and passes a refusal on", async () => {
    const clock = virtualClock(WALL_MS);
    let keys = awsCredentials(KEYS);
    let refusals = 0;
    const credentials = {
      get: async () => keys,
      rejected() {
        refusals += 1;
        return true;
      },
    };
    const authoriser = createSigV4Authoriser({ ...scope, credentials, clock });
    const { signal } = new AbortController();
    expect(await authoriser.authorise(request(), signal)).toEqual(sign(request()));
    keys = awsCredentials({ ...KEYS, accessKeyId: "OTHER" });
    clock.skip(1_000);
    const second = revealed(await authoriser.authorise(request(), signal));
    expect(second).toEqual(revealed(sign(request(), keys, WALL_MS + 1_000)));
    authoriser.rejected?.();
    expect(refusals).toBe(1);
  });
});
