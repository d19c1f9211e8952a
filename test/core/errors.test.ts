import { expect, it } from "vitest";
import { asRiptideError, RiptideError } from "../../src/core/errors.ts";

it("a refusal does not say where it came about, which would be most of its price; other errors do", () => {
  const limit = Error.stackTraceLimit;
  expect(new RiptideError("tenant_busy", "no place").stack).toBe("RiptideError: no place");
  expect(new RiptideError("usage", "odd").stack).toContain("errors.test.ts");
  expect(asRiptideError("odd").stack).toContain("errors.test.ts");
  expect(Error.stackTraceLimit).toBe(limit);
});
