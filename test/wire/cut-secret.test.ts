import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import type { Transport } from "../../src/wire/http.ts";
import { announcing, createRedactor } from "../../src/wire/redact.ts";

const KEY = "q7Zr-Wb19-LmXo-55Kd-Pp20";
const knowing = (...values: string[]) => {
  const redactor = createRedactor();
  for (const value of values) redactor.add(new Secret(value));
  return redactor;
};

describe("a known secret that was cut off", () => {
  it.each([
    [`refused: ${KEY.slice(0, 9)}…`, "refused: [redacted]…"],
    [`refused: ${KEY.slice(0, 9)}`, "refused: [redacted]"],
    [`refused: ${KEY.slice(0, 9)}…\n  hint: x`, "refused: [redacted]…\n  hint: x"],
    [`{"message":"${KEY.slice(0, 20)}…","exit":4}`, '{"message":"[redacted]…","exit":4}'],
  ])("is masked in %j", (text, redacted) => expect(knowing(KEY).redact(text)).toBe(redacted));

  it.each([`q7Z`, `${KEY.slice(0, 9)} is the beginning`, `x${KEY.slice(1, 9)}`])(
    "is not seen in %j, which is no cut",
    (text) => expect(knowing(KEY).redact(text)).toBe(text),
  );

  it("never shows four characters of its beginning, wherever the cut is", () => {
    const redactor = knowing(KEY);
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 4, max: KEY.length }), (before, length) => {
        const text = redactor.redact(`${before}${KEY.slice(0, length)}…`);
        return !text.includes(KEY.slice(0, 4)) || before.includes(KEY.slice(0, 4));
      }),
    );
  });

  it("is looked for in a megabyte without delay", () => {
    const before = process.cpuUsage();
    knowing(KEY, "a".repeat(2_000)).redact("a…".repeat(2 ** 19));
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

describe("a secret that a request carries", () => {
  const silent: Transport = async () => ({
    status: 200,
    headers: {},
    timings: { firstByteMs: 0 },
    body: (async function* () {})(),
  });

  it("is known from then on, also without its scheme", async () => {
    const redactor = createRedactor();
    const exchange = { signal: new AbortController().signal, connectTimeoutMs: 1 };
    const headers = { authorization: new Secret(`Bearer ${KEY}`), accept: "text/plain" };
    await announcing(silent, redactor)({ method: "GET", url: "https://x.example", headers }, exchange);
    expect(redactor.redact(`you sent ${KEY} for text/plain`)).toBe("you sent [redacted] for text/plain");
  });
});
