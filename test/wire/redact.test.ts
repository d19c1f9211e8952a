import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { createRedactor } from "../../src/wire/redact.ts";

/** Put together here, so that no scanner takes this file for a leak. */
const CANARIES = {
  openai: `sk-${"proj"}-T3BlbkFJcanary0123456789`,
  short: `sk-${"canary"}0123456789`,
  anthropic: `sk-${"ant"}-api03-canary_0123456789-AA`,
  awsKey: `AKIA${"IOSFODNN7CANARY0"}`,
  awsSession: `ASIA${"IOSFODNN7CANARY1"}`,
  google: `AIza${"SyCanary0123456789abcdefghijklmnopq"}`,
  googleToken: `ya29.${"a0canary_0123456789-abc"}`,
  jwt: `eyJ${"hbGciOiJIUzI1NiJ9"}.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl-_`,
  bearer: `Bearer ${"0123456789abcdef"}`,
  query: `key=${"canary0123"}`,
  apiKey: `api_key=${"canary0123"}`,
  pem: `-----BEGIN ${"PRIVATE KEY"}-----\nMIIcanary\n+/==\n-----END ${"PRIVATE KEY"}-----`,
} as const;

describe("a secret nobody told of", () => {
  it.each(Object.entries(CANARIES))("is found by its shape: %s", (_name, canary) => {
    const { redact } = createRedactor();
    for (const text of [
      canary,
      `a ${canary} b`,
      `{"x":${JSON.stringify(canary)}}`,
      `(${canary})`,
      `\n${canary}\n`,
    ]) {
      const shown = redact(text);
      expect(shown).toContain("[redacted]");
      expect(shown).not.toMatch(/canary|0123|CANARY|c2lnbmF0dXJl|IOSFODNN/);
    }
  });

  it.each([
    ["https://x.example/v1?key=canary123&alt=sse", "https://x.example/v1?key=[redacted]&alt=sse"],
    ["x?api-key=canary123 HTTP", "x?api-key=[redacted] HTTP"],
    ["u=key%3Dcanary123%26b", "u=key%3D[redacted]"],
    ['{"api_key": "canary123", "b": 1}', '{"api_key": "[redacted]", "b": 1}'],
    ['"{\\"apikey\\":\\"canary123\\"}"', '"{\\"apikey\\":\\"[redacted]\\"}"'],
    ["authorization: bearer canary123, next", "authorization: bearer [redacted], next"],
    [`-----BEGIN ${"RSA PRIVATE KEY"}-----\\nMIIcanary cut off`, "[redacted]"],
  ])("leaves the text around it: %s", (text, expected) => {
    expect(createRedactor().redact(text)).toBe(expected);
  });

  it.each([
    "the task-oriented risk-assessment of a whisk-like sk-learn",
    "providers[0].api_key: is missing",
    "the primary key: id, monkey=banana",
    "AKIA is a prefix, AKIA-2 another",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "Bearer of news",
    "token bucket: 12 tokens, request id req_011CSHoEeqs5C35K2UUqR7Fy",
    "gpt-5-mini answered in 812 ms: I see eyJ",
  ])("is not seen in ordinary text: %s", (text) => {
    expect(createRedactor().redact(text)).toBe(text);
  });

  it.each([
    "sk-",
    "eyJ",
    "key=",
    "Bearer ",
    'api_key":"',
    `-----BEGIN ${"PRIVATE KEY"}-----`,
    "ya29.",
    "a-",
    "AKIA",
  ])(
    "is looked for in linear time: %j a hundred thousand times",
    (piece) => {
      expect(createRedactor().redact(piece.repeat(100_000)).length).toBeGreaterThan(0);
    },
    2_000,
  );
});

describe("a known secret", () => {
  const value = 'p+ss/w"rd \\ =ü~';
  const base64 = Buffer.from(value).toString("base64");
  const base64url = Buffer.from(value).toString("base64url");
  const inJson = JSON.stringify(value).slice(1, -1);

  it.each([
    ["as it is", value],
    ["in JSON", inJson],
    ["in JSON with escaped slashes", inJson.replaceAll("/", "\\/")],
    ["in JSON within JSON", JSON.stringify(inJson).slice(1, -1)],
    ["in a URL", encodeURIComponent(value)],
    ["in a URL with small hex digits", encodeURIComponent(value).replace(/%../g, (hex) => hex.toLowerCase())],
    ["in a form", encodeURIComponent(value).replaceAll("%20", "+")],
    ["in base64", base64],
    ["in base64 without padding", base64.replace(/=+$/, "")],
    ["in base64url", base64url],
  ])("is found %s", (_form, text) => {
    const redactor = createRedactor();
    redactor.add(new Secret(value));
    expect(redactor.redact(`<${text}>`).replace(/=+/g, "")).toBe("<[redacted]>");
  });

  it.each(["", "u", "us", "user:"])("is found in base64 behind %j", (before) => {
    const redactor = createRedactor();
    redactor.add(new Secret("hunter2-hunter2"));
    const shown = redactor.redact(Buffer.from(`${before}hunter2-hunter2 after`).toString("base64"));
    expect(shown).toContain("[redacted]");
    expect(Buffer.from(shown.replace(/.?\[redacted\]/, ""), "base64").toString()).not.toContain("unter");
  });

  it("is found whole when another one is a part of it", () => {
    const redactor = createRedactor();
    redactor.add(new Secret("abcd"));
    redactor.add(new Secret("abcd-efgh"));
    expect(redactor.redact("abcd-efgh abcd abc")).toBe("[redacted] [redacted] abc");
  });

  it("that only passes by is known for a while, and makes room for later ones", () => {
    const redactor = createRedactor();
    redactor.add(new Secret("lasting-value"));
    for (let n = 0; n < 300; n += 1) redactor.pass(new Secret(`passing-value-${n}-`));
    const told = redactor.redact("lasting-value passing-value-299- passing-value-3-");
    expect(told).toBe("[redacted] [redacted] passing-value-3-");
  });

  it("that passed by and was then configured stays known", () => {
    const redactor = createRedactor();
    const secret = new Secret("both-at-once");
    redactor.pass(secret);
    redactor.add(secret);
    for (let n = 0; n < 300; n += 1) redactor.pass(new Secret(`passing-value-${n}-`));
    expect(redactor.redact("both-at-once")).toBe("[redacted]");
  });

  it("is not looked for when it is shorter than four characters", () => {
    const redactor = createRedactor();
    redactor.add(new Secret("abc"));
    redactor.add(new Secret(""));
    expect(redactor.redact("abc def")).toBe("abc def");
  });

  it("never comes through in any of its forms, whatever it is", () => {
    const between = fc.constantFrom("<", " ", "é", "\n");
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: "binary" }), between, (secret, edge) => {
        const redactor = createRedactor();
        redactor.add(new Secret(secret));
        const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64url")];
        expect(redactor.redact(edge + forms.join(edge) + edge)).not.toContain(edge + forms[2] + edge);
        for (const form of forms) expect(redactor.redact(form)).not.toBe(form);
      }),
    );
  });
});
