import { describe, expect, it } from "vitest";
import { classifyFailure } from "../../../src/providers/openai/errors.ts";

const classify = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  classifyFailure({
    status,
    headers,
    body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
    wallMs: Date.UTC(2026, 0, 1),
  });
const error = (fields: object) => ({ error: { message: "words", ...fields } });

describe("an OpenAI failure", () => {
  it.each([
    ["a wrong key", 401, error({ code: "invalid_api_key" }), "auth_failed"],
    ["a region that is not served", 403, error({}), "auth_failed"],
    ["a model the project may not use", 403, error({ code: "model_not_found" }), "model_not_found"],
    ["an unknown path", 404, error({}), "model_not_found"],
    ["too much too fast", 429, error({ type: "tokens", code: "rate_limit_exceeded" }), "rate_limited"],
    ["a spent quota", 429, error({ type: "insufficient_quota", code: null }), "quota_exhausted"],
    ["a spend limit", 429, error({ code: "organization_spend_limit_exceeded" }), "quota_exhausted"],
    [
      "a spent quota in words",
      429,
      error({ message: "You exceeded your current quota." }),
      "quota_exhausted",
    ],
    ["a request above the limit", 429, error({ message: "Request too large for gpt-x" }), "bad_request"],
    ["a long prompt", 400, error({ code: "context_length_exceeded" }), "context_too_long"],
    [
      "a long prompt in words",
      400,
      error({ message: "the maximum context length is 5" }),
      "context_too_long",
    ],
    ["a refused prompt", 400, error({ code: "invalid_prompt" }), "content_filtered"],
    ["Azure's filter", 400, error({ code: "content_filter" }), "content_filtered"],
    ["a missing deployment", 404, error({ code: "DeploymentNotFound" }), "model_not_found"],
    ["an operation the model lacks", 400, error({ code: "OperationNotSupported" }), "unsupported"],
    ["an error in a list", 429, [error({ code: 429, status: "RESOURCE_EXHAUSTED" })], "rate_limited"],
    ["a bad parameter", 400, error({ code: "unsupported_value" }), "bad_request"],
    ["a framework's list of mistakes", 422, { detail: [{ msg: "field required" }] }, "bad_request"],
    ["a name from every object's prototype", 400, error({ code: "constructor" }), "bad_request"],
    ["a page of a gateway", 504, "<html><body>Gateway</body></html>", "provider_error"],
    ["an empty body", 503, "", "overloaded"],
  ])("is %s", (_what, status, body, code) => {
    expect(classify(status, body)).toMatchObject({ code, facts: { status } });
  });

  it.each([
    [500, "repair"],
    [502, "repair"],
    [504, "next"],
    [408, "next"],
    [409, "next"],
  ])("with status %i means %s", (status, action) => {
    expect(classify(status, error({ type: "server_error" }))).toMatchObject({
      code: "provider_error",
      action,
    });
  });

  it.each([
    ["a header", "Please try again in 9s.", { "retry-after-ms": "1500" }, 1_500],
    ["OpenAI's words", "Rate limit reached. Please try again in 1m2.5s. Visit", {}, 62_500],
    ["short words", "Please try again in 120ms.", {}, 120],
    ["Azure's words", "Please retry after 26 seconds.", {}, 26_000],
    ["nothing", "Please try again later.", {}, undefined],
  ])("takes its wait from %s", (_what, message, headers, wait) => {
    expect(classify(429, error({ message }), headers).facts.retryAfterMs).toBe(wait);
  });

  it("keeps the vendor's words and request id, and nothing of a page", () => {
    const failed = classify(400, error({ message: "Bad\nthing" }), { "x-request-id": "req_1" });
    expect(failed.message).toBe("Bad thing");
    expect(failed.facts.providerRequestId).toBe("req_1");
    expect(classify(400, { statusCode: 400, message: "Resource" }).message).toBe("Resource");
    expect(classify(502, "<html>nginx</html>").message).toBe("answered 502");
    expect(classify(502, "upstream connect error").message).toBe("upstream connect error");
    expect(classify(404, { detail: "Not Found" }).message).toBe("Not Found");
    expect(classify(429, [error({})]).message).toBe("words");
    expect(classify(422, { errors: [{ input: "my prompt" }] }).message).toBe("answered 422");
  });
});
