import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../src/providers/retry-after.ts";

const NOW = Date.UTC(2026, 10, 22, 15);
const wait = (headers: Record<string, string>, bodyWaitMs?: number) =>
  retryAfterMs({ headers, wallMs: NOW }, bodyWaitMs);

describe("how long a provider asks to wait (HO-1)", () => {
  it.each<readonly [string, Record<string, string>, number]>([
    ["retry-after-ms", { "retry-after-ms": "1500" }, 1_500],
    ["x-ms-retry-after-ms", { "x-ms-retry-after-ms": "250" }, 250],
    ["seconds", { "retry-after": "7" }, 7_000],
    ["a part of a second", { "retry-after": "0.5" }, 500],
    ["an HTTP date", { "retry-after": "Sun, 22 Nov 2026 15:00:12 GMT" }, 12_000],
    [
      "a date against the response's own date",
      { "retry-after": "Sun, 22 Nov 2026 16:00:12 GMT", date: "Sun, 22 Nov 2026 16:00:00 GMT" },
      12_000,
    ],
    ["OpenAI's reset", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s" }, 360_000],
    ["a reset in ms", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms" }, 120],
    ["Azure's reset", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20" }, 20_000],
    [
      "Anthropic's reset",
      {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-22T15:00:30Z",
      },
      30_000,
    ],
    [
      "the latest of the exhausted buckets only",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "3s",
        "x-ratelimit-remaining-days": "5",
        "x-ratelimit-reset-days": "9h",
      },
      3_000,
    ],
  ])("is read from %s", (_name, headers, expected) => {
    expect(wait(headers)).toBe(expected);
  });

  it("takes the first source that says something", () => {
    const all = {
      "retry-after-ms": "1",
      "x-ms-retry-after-ms": "2",
      "retry-after": "3",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "5s",
    };
    const drop = (...names: string[]) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
    expect(wait(all, 4)).toBe(1);
    expect(wait(drop("retry-after-ms"), 4)).toBe(2);
    expect(wait(drop("retry-after-ms", "x-ms-retry-after-ms"), 4)).toBe(3_000);
    expect(wait(drop("retry-after-ms", "x-ms-retry-after-ms", "retry-after"), 4)).toBe(4);
    expect(wait(drop("retry-after-ms", "x-ms-retry-after-ms", "retry-after"))).toBe(5_000);
    expect(wait({ "retry-after-ms": "soon", "retry-after": "3" })).toBe(3_000);
  });
});

describe("a wait that cannot be believed is unknown (HO-2)", () => {
  it.each([
    "",
    " ",
    "-5",
    "-0",
    "0",
    "0.0",
    "NaN",
    "Infinity",
    "soon",
    "soon 1",
    "May 5",
    "1e3",
    "0x10",
    "5 seconds",
    "Sun, 22 Nov 2026 14:59:00 GMT",
    "Sun Nov 22 15:00:12 2026",
    "2026-11-22T15:00:12",
    "٣",
  ])("%j", (text) => {
    expect(wait({ "retry-after": text })).toBeUndefined();
    expect(wait({ "retry-after-ms": text })).toBeUndefined();
  });

  it.each(["-3s", "soon", "3s later", "", "1s".repeat(33)])("a reset %j", (reset) => {
    const headers = { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": reset };
    expect(wait(headers)).toBeUndefined();
  });

  it("is clamped to an hour, ten years included", () => {
    expect(wait({ "retry-after": "3601" })).toBe(3_600_000);
    expect(wait({ "retry-after": "Sun, 22 Nov 2036 15:00:00 GMT" })).toBe(3_600_000);
    expect(wait({}, 1e12)).toBe(3_600_000);
  });

  it("is rounded up, so that nobody comes back too early", () => {
    expect(wait({ "retry-after": "0.0001" })).toBe(1);
  });
});
