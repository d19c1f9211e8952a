import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressProblem, checkBaseUrl, checkEndpoint } from "../../src/wire/address.ts";

const STRICT = { allowPrivate: false };
const PRIVATE = { allowPrivate: true };
const METADATA = { allowPrivate: false, allowMetadata: true };

/** Spellings of addresses, as a configuration or a hostile redirect might write them. */
const METADATA_URLS = [
  "https://169.254.169.254/",
  "https://2852039166/",
  "https://0xa9fea9fe/",
  "https://0251.0376.0251.0376/",
  "https://0xa9.0xfe.0xa9.0xfe/",
  "https://169.254.43518/",
  "https://169.16689662/",
  "https://169.254.169.254./",
  "https://[::ffff:169.254.169.254]/",
  "https://[::ffff:a9fe:a9fe]/",
  "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
  "https://[64:ff9b::169.254.169.254]/",
  "https://[::169.254.169.254]/",
  "https://[2002:a9fe:a9fe::1]/",
  "https://[fe80::1]/",
  "https://[febf::1]/",
  "https://[fd00:ec2::254]/",
  "https://[fd00:0ec2:0:0:0:0:0:0254]/",
  "https://metadata.google.internal/",
  "https://METADATA.google.internal./",
  "https://metadata%2Egoogle.internal/",
  "https://\uff11\uff16\uff19.254.169.254/",
];
const PRIVATE_URLS = [
  "https://10.0.0.1/",
  "https://10.1/",
  "https://0x0a000001/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.1.1/",
  "https://3232235777/",
  "https://100.64.0.1/",
  "https://100.127.255.255/",
  "https://0.0.0.0/",
  "https://0/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  "https://[::]/",
  "https://[fc00::1]/",
  "https://[fdff::1]/",
  "https://[ff02::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://[64:ff9b::10.0.0.1]/",
];
const LOOPBACK_URLS = [
  "http://localhost:11434/",
  "http://LOCALHOST./",
  "http://ollama.localhost/",
  "http://127.0.0.1/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://127.255.0.3/",
];
const PUBLIC_URLS = [
  "https://api.example.com/v1?beta=true",
  "https://93.184.216.34/",
  "https://172.15.255.255/",
  "https://172.32.0.1/",
  "https://100.63.255.255/",
  "https://100.128.0.1/",
  "https://169.253.255.255/",
  "https://[2606:4700::1111]/",
  "https://[64:ff9b::93.184.216.34]/",
  "https://[fec0::1]:443/".replace("fec0", "2a00"),
  "https://localhost.example.com/",
  "https://notlocalhost/",
];

const refusal = (url: string, policy = STRICT) => {
  try {
    checkEndpoint(url, policy);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

describe("an endpoint", () => {
  it.each(METADATA_URLS)("%s is refused even where private ones are allowed", (url) => {
    expect(refusal(url)).toMatch(/link-local or metadata/);
    expect(refusal(url, PRIVATE)).toMatch(/link-local or metadata/);
    expect(refusal(url.replace("https:", "http:"), METADATA)).toBeUndefined();
  });

  it.each(PRIVATE_URLS)("%s needs allow_private", (url) => {
    expect(refusal(url)).toMatch(/private address/);
    expect(refusal(url, METADATA)).toMatch(/private address/);
    expect(refusal(url.replace("https:", "http:"), PRIVATE)).toBeUndefined();
  });

  it.each(LOOPBACK_URLS)("%s names this machine and may be plain", (url) => {
    expect(refusal(url)).toBeUndefined();
  });

  it.each(PUBLIC_URLS)("%s is allowed, but not plain", (url) => {
    expect(refusal(url)).toBeUndefined();
    expect(refusal(url.replace("https:", "http:"))).toMatch(/plain http/);
    expect(refusal(url.replace("https:", "http:"), PRIVATE)).toBeUndefined();
  });

  it.each([
    "ftp://api.example.com/",
    "file:///etc/passwd",
    "javascript:1",
    "api.example.com",
    "",
    "https://",
  ])("%j is none", (url) =>
    expect(() => checkEndpoint(url, PRIVATE)).toThrow(expect.objectContaining({ code: "config_invalid" })),
  );

  it("is refused with user name or password, without printing them", () => {
    expect(refusal("https://me:hunter2@api.example.com/")).toBe(
      "the endpoint https://api.example.com holds a user name or a password",
    );
    expect(refusal("https://token@api.example.com/")).toMatch(/user name/);
  });
});

describe("a base URL", () => {
  it.each(["https://api.example.com/v1", "https://api.example.com", "http://localhost:11434/"])(
    "%s is allowed",
    (url) => expect(() => checkBaseUrl(url, STRICT)).not.toThrow(),
  );

  it.each([
    "https://a.example/?key=1",
    "https://a.example/v1?",
    "https://a.example/#top",
    "https://a.example#",
  ])("%s is refused for what follows its path", (url) =>
    expect(() => checkBaseUrl(url, STRICT)).toThrow(/^the endpoint https:\/\/a\.example has a query or a/),
  );

  it.each(["http://a.example/", "https://10.0.0.1/", "https://u@a.example/"])(
    "%s is refused like any",
    (url) => expect(() => checkBaseUrl(url, STRICT)).toThrow(/the endpoint/),
  );
});

describe("a looked-up address", () => {
  it.each([
    ["api.example.com", "93.184.216.34", STRICT, undefined],
    ["api.example.com", "127.0.0.1", STRICT, "is this machine"],
    ["api.example.com", "::1", STRICT, "is this machine"],
    ["api.example.com", "::ffff:127.0.0.1", STRICT, "is this machine"],
    ["api.example.com", "127.0.0.1", PRIVATE, undefined],
    ["api.example.com", "10.0.0.1", STRICT, "is a private address (allow_private: true permits it)"],
    ["api.example.com", "10.0.0.1", PRIVATE, undefined],
    ["api.example.com", "fe80::1%eth0", PRIVATE, "is a link-local or metadata address"],
    ["api.example.com", "169.254.169.254", METADATA, undefined],
    ["api.example.com", "", PRIVATE, "is not an address"],
    ["localhost", "127.0.0.1", STRICT, undefined],
    ["localhost.", "::1", STRICT, undefined],
    ["app.localhost", "127.0.0.1", STRICT, undefined],
    ["localhost", "93.184.216.34", STRICT, "is not this machine"],
    ["localhost", "10.0.0.1", STRICT, "is a private address (allow_private: true permits it)"],
  ])("of %s being %s under %j: %s", (host, address, policy, expected) => {
    expect(addressProblem(host, address, policy)).toBe(expected);
  });

  it("is judged the same in IPv4 and in IPv6-mapped form", () => {
    fc.assert(
      fc.property(fc.ipV4(), (v4) => {
        const plain = addressProblem("api.example.com", v4, STRICT);
        expect(addressProblem("api.example.com", `::ffff:${v4}`, STRICT)).toBe(plain);
        expect(addressProblem("api.example.com", `64:ff9b::${v4}`, STRICT)).toBe(plain);
      }),
    );
  });

  it("is judged like the same address in a URL, for any IPv6 address", () => {
    fc.assert(
      fc.property(fc.ipV6(), (v6) => {
        const looked = addressProblem("[::1]".slice(1, -1), v6, PRIVATE);
        expect(refusal(`https://[${v6}]/`, PRIVATE)?.includes(looked ?? "\0") ?? false).toBe(
          looked !== undefined,
        );
      }),
    );
  });
});
