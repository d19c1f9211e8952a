import { expect, it } from "vitest";
import { RiptideError } from "../../../src/core/errors.ts";
import type { Ending, Work } from "../../../src/daemon/observer.ts";
import { createExporter } from "../../../src/daemon/otlp/exporter.ts";
import type { Transport } from "../../../src/wire/http.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const WORK: Work = {
  ...{ id: "rq_1", tenant: "acme", dialect: "openai", class: "completion", stream: true, generation: 1 },
};
const ENDING: Ending = { attempts: [], skipped: [], error: undefined, totalMs: 12.5, firstTokenMs: null };

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

/** An exporter whose collector answers as told; the last answer is repeated. */
function exporting(answers: readonly (Answer | "refuses" | "hangs")[] = [{ status: 200 }]) {
  const clock = virtualClock();
  const sent: number[] = [];
  const bodies: string[] = [];
  const warned: string[] = [];
  let metrics = 0;
  let dropped = 0;
  const transport: Transport = async ({ url, body = "" }, { signal }) => {
    if (url.endsWith("/v1/metrics")) metrics += 1;
    else {
      bodies.push(String(body));
      sent.push(JSON.parse(String(body)).resourceSpans[0].scopeSpans[0].spans.length);
    }
    const answer = answers[Math.min(bodies.length, answers.length) - 1] ?? answers[0];
    if (answer === "refuses" || !answer) throw new RiptideError("connect_failed", "nobody listens");
    if (answer === "hangs") {
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    }
    const { status, headers = {}, text = "{}" } = answer;
    const chunks = async function* () {
      yield Buffer.from(text);
    };
    return { status, headers, body: chunks(), timings: { firstByteMs: 0 } };
  };
  const silent = () => {};
  let ids = 0;
  const exporter = createExporter("http://127.0.0.1:4318/", {
    ...{ clock, transport, version: "1.2.3", pid: 7, startedMs: clock.wall() },
    log: { debug: silent, info: silent, error: silent, warn: (_facts, message) => void warned.push(message) },
    dropped: {
      add(spans = 1) {
        dropped += spans;
      },
    },
    hex: (bytes) => String(++ids).padStart(2 * bytes, "0"),
    typeOf: () => "openai",
    redact: (text) => text.replaceAll("hunter2", "[redacted]"),
    metrics: async () => "# HELP a b\n# TYPE a gauge\na 1\n",
  });
  return {
    ...{ clock, exporter, sent, bodies, warned },
    dropped: () => dropped,
    metrics: () => metrics,
    end(times = 1, work: Partial<Work> = {}) {
      for (let n = 0; n < times; n += 1) exporter.ended({ ...WORK, ...work }, ENDING);
    },
  };
}

it("requests are gathered for a second, and nothing is done while they end", async () => {
  const { clock, end, sent } = exporting();
  end(3);
  await clock.advance(999);
  expect(sent).toEqual([]);
  await clock.advance(1);
  expect(sent).toEqual([3]);
});

it("a batch that is full goes at once, a later one after the one before", async () => {
  const { clock, end, sent } = exporting();
  end(64 + 64 + 5);
  expect(sent).toEqual([]);
  await clock.advance(0);
  expect(sent).toEqual([64, 64]);
  await clock.advance(1_000);
  expect(sent).toEqual([64, 64, 5]);
});

it("no more than 2,048 requests wait; the spans of others are counted as dropped", async () => {
  const { clock, end, sent, dropped } = exporting(["hangs"]);
  end(64);
  await clock.advance(0);
  end(2_048 + 7);
  expect([sent, dropped()]).toEqual([[64], 7]);
});

it("what a collector may take later is sent again, each time after a longer pause, or when it says", async () => {
  const place = exporting([
    { status: 503 },
    { status: 429, headers: { "retry-after": "7" } },
    { status: 200 },
  ]);
  const { clock, end, sent, dropped } = place;
  end(2);
  await clock.advance(1_000);
  expect(sent).toEqual([2]);
  end();
  await clock.advance(1_000);
  expect(sent).toEqual([2, 3]);
  await clock.advance(6_999);
  expect(sent).toEqual([2, 3]);
  await clock.advance(1);
  expect([sent, dropped()]).toEqual([[2, 3, 3], 0]);
});

it("what a collector refuses is dropped, and so is the part that it rejects", async () => {
  const text = JSON.stringify({ partialSuccess: { rejectedSpans: "2", errorMessage: "no" } });
  const { clock, end, sent, dropped } = exporting([{ status: 400 }, { status: 200, text }]);
  end(3);
  await clock.advance(1_000);
  expect([sent, dropped()]).toEqual([[3], 3]);
  end(4);
  await clock.advance(1_000);
  expect([sent, dropped()]).toEqual([[3, 4], 5]);
});

it("a collector that is not there is told of once a minute", async () => {
  const { clock, end, warned } = exporting(["refuses"]);
  end();
  await clock.advance(59_000);
  expect(warned).toEqual(["telemetry.otlp_endpoint: the collector: nobody listens"]);
  await clock.advance(10_000);
  expect(warned).toHaveLength(2);
});

it("metrics go out every 15 seconds, whether or not there are requests", async () => {
  const { clock, metrics } = exporting();
  await clock.advance(14_999);
  expect(metrics()).toBe(0);
  await clock.advance(15_001);
  expect(metrics()).toBe(2);
});

it("the end sends what waits, and stops every timer", async () => {
  const { clock, end, exporter, sent, metrics } = exporting();
  end(70);
  await exporter.close();
  expect([sent, metrics(), clock.pending]).toEqual([[64, 6], 1, 0]);
});

it("the end waits no longer than a second for a collector that says nothing, and counts what it gives up", async () => {
  const { clock, end, exporter, dropped } = exporting(["hangs"]);
  end(70);
  let isClosed = false;
  const closing = exporter.close().then(() => {
    isClosed = true;
  });
  await clock.advance(999);
  expect(isClosed).toBe(false);
  await clock.advance(1);
  await closing;
  expect([dropped(), clock.pending]).toEqual([70, 0]);
});

it("a trace that its caller does not record is not sent", async () => {
  const { clock, end, sent } = exporting();
  end(1, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-00` });
  end(1, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
  await clock.advance(1_000);
  expect(sent).toEqual([1]);
});

it("no secret passes in a name that a caller made up (S-2)", async () => {
  const { clock, end, bodies } = exporting();
  end(1, { tenant: "hunter2" });
  await clock.advance(1_000);
  expect([bodies[0]?.includes("hunter2"), bodies[0]?.includes('"[redacted]"')]).toEqual([false, true]);
});

it("a collector that says nothing for 10 seconds is asked again", async () => {
  const { clock, end, sent, warned } = exporting(["hangs", { status: 200, text: "" }]);
  end(2);
  await clock.advance(11_000);
  expect([sent, warned]).toEqual([
    [2],
    ["telemetry.otlp_endpoint: the collector: no answer within 10000 ms"],
  ]);
  await clock.advance(1_000);
  expect(sent).toEqual([2, 2]);
});
