import { parseTime } from "../core/clock.ts";
import { parseDuration } from "../core/duration.ts";
import type { WireFailure } from "./adapter.ts";

/** Longest wait that is believed (HO-2). */
const MAX_WAIT_MS = 3_600_000;

/**
 * How long the provider asks to wait, in milliseconds, from the first source that says so (HO-1): precise
 * headers, `retry-after`, the body's hint, the latest reset among exhausted buckets. Undefined means unknown.
 */
export function retryAfterMs(
  failure: Pick<WireFailure, "headers" | "wallMs">,
  bodyWaitMs?: number,
): number | undefined {
  const { headers } = failure;
  const serverNow = parseTime(headers.date) ?? failure.wallMs;
  const sources = [
    () => numberOf(headers["retry-after-ms"]),
    () => numberOf(headers["x-ms-retry-after-ms"]),
    () => retryAfter(headers["retry-after"], serverNow),
    () => bodyWaitMs,
    () => latestReset(headers, serverNow),
  ];
  for (const source of sources) {
    const wait = source();
    if (wait !== undefined && wait > 0) return Math.min(Math.ceil(wait), MAX_WAIT_MS);
  }
  return undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : undefined;
}

function retryAfter(text: string | undefined, serverNow: number): number | undefined {
  const seconds = numberOf(text);
  if (seconds !== undefined) return seconds * 1_000;
  const at = parseTime(text);
  return at === undefined ? undefined : at - serverNow;
}

const RESET = /^(?:x-ratelimit-reset-(.+)|anthropic-ratelimit-(.+)-reset)$/;

function latestReset(headers: WireFailure["headers"], serverNow: number): number | undefined {
  let latest: number | undefined;
  for (const [name, value] of Object.entries(headers)) {
    const match = RESET.exec(name);
    if (!match || !exhausted(headers, match[1], match[2])) continue;
    const wait = resetWait(value, serverNow);
    if (wait !== undefined && wait > (latest ?? 0)) latest = wait;
  }
  return latest;
}

function exhausted(
  headers: WireFailure["headers"],
  plain: string | undefined,
  anthropic: string | undefined,
): boolean {
  const name = plain ? `x-ratelimit-remaining-${plain}` : `anthropic-ratelimit-${anthropic}-remaining`;
  return headers[name]?.trim() === "0";
}

/** Longer than any form of a reset; a pattern run over more could take its time. */
const MAX_RESET_CHARS = 64;

/** `6m0s`, `120ms` (OpenAI), plain seconds (Azure) or an RFC 3339 time (Anthropic). */
function resetWait(value: string, serverNow: number): number | undefined {
  if (value.length > MAX_RESET_CHARS) return undefined;
  const seconds = numberOf(value);
  if (seconds !== undefined) return seconds * 1_000;
  const at = parseTime(value);
  if (at !== undefined) return at - serverNow;
  const parts = value.match(/\d+(?:\.\d+)?(?:ms|s|m|h|d)/g);
  if (!parts || parts.join("") !== value.trim()) return undefined;
  return parts.reduce((sum, part) => sum + (parseDuration(part) ?? 0), 0);
}
