import { describe, expect, it } from "vitest";
import { proxyFor } from "../../src/wire/proxy.ts";

const choose = (endpoint: string, noProxy: string, url = "http://proxy.example:3128") =>
  proxyFor(new URL(endpoint), { allowPrivate: false, proxy: { url, noProxy } })?.host;

describe("the proxy of an endpoint", () => {
  it.each([
    ["https://api.example.com/", ""],
    ["https://api.example.com/", "example.com"],
    ["https://example.com/", ".example.com"],
    ["https://notexample.com/", ".example.com"],
    ["https://api.example.com/", "api.example.com:8443"],
    ["https://api.example.com:8443/", "api.example.com:443"],
    ["https://api.example.com/", "other.example, , localhost"],
  ])("is used for %s unless %j", (endpoint, noProxy) => {
    expect(choose(endpoint, noProxy)).toBe("proxy.example:3128");
  });

  it.each([
    ["https://api.example.com/", "*"],
    ["https://api.example.com/", "api.example.com"],
    ["https://API.example.com./", "Api.Example.COM"],
    ["https://api.example.com/", "localhost, .example.com"],
    ["https://api.example.com/", "localhost .example.com"],
    ["https://api.example.com/", "*.example.com"],
    ["https://api.example.com:8443/", "api.example.com:8443"],
    ["https://api.example.com/", ".example.com:443"],
    ["https://[2001:db8::1]/", "2001:db8::1"],
    ["https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"],
    ["http://localhost:11434/", ""],
  ])("is not used for %s with %j", (endpoint, noProxy) => {
    expect(choose(endpoint, noProxy)).toBeUndefined();
  });

  it("may be named without a scheme", () => {
    expect(choose("https://api.example.com/", "", "proxy.example:3128")).toBe("proxy.example:3128");
    expect(choose("https://api.example.com/", "", "")).toBeUndefined();
  });

  it.each(["socks5://proxy.example:1080", "http://"])("cannot be %s", (url) => {
    expect(() => choose("https://api.example.com/", "", url)).toThrow("HTTPS_PROXY is not an http address");
  });
});
