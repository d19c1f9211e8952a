import { describe, expect, it } from "vitest";
import type { AttemptDocument } from "../../../src/cli/client/documents.ts";
import { brokenTold, eventsOf, failedTold } from "../../../src/cli/client/events.ts";
import type { Format } from "../../../src/cli/command.ts";
import type { Around } from "../../../src/cli/complete/presenter.ts";
import { presenterOf } from "../../../src/cli/complete/presenter-of.ts";
import type { Alert } from "../../../src/core/budget.ts";
import { RiptideError } from "../../../src/core/errors.ts";
import type { AnswerFacts } from "../../../src/daemon/dialects/dialect.ts";
import { nativeCompletion } from "../../../src/daemon/dialects/native.ts";
import { nativeError } from "../../../src/daemon/dialects/native-error.ts";
import type { PipelineEvent, Skip } from "../../../src/engine/events.ts";
import type { CallFacts } from "../../../src/output/completion.ts";
import { ask } from "../../helpers/ask.ts";
import { answers, DONE, delta, fails, fakeStage, type Step, streams } from "../../helpers/fake-provider.ts";
import { clientCall } from "./client-call.ts";

const REQUESTED = { model: "default", strategy: "sequential" };
const AROUND = { tenant: "acme", tags: { team: "a" }, configRevision: "r1", requested: REQUESTED };
const FACTS: CallFacts = { ...AROUND, via: "daemon" };
const ANSWER: AnswerFacts = { ...AROUND, id: "rq_test", arrivedMs: 0 };
/** What a client knows before the end. */
const EARLY: CallFacts = { ...FACTS, requested: { model: "", strategy: "" }, tags: {}, configRevision: "" };

const ALERT: Alert = {
  budget: { tenant: "acme", period: "day", limitNano: 1e9, thresholds: [0.8], degradeTo: null },
  ...{ threshold: 0.8, spentNano: 9e8, heldNano: 0, resetsAtMs: 1_795_000_000_000 },
};
const MISCONFIGURED: Skip = {
  ...{ provider: "b", model: "m", reason: "misconfigured" },
  error: new RiptideError("secret_missing", "B_KEY is not set"),
};
const CALL = { type: "tool_call", index: 0, id: "c1", name: "look", argumentsDelta: '{"at":"sea"}' } as const;

type Play = Readonly<Record<string, readonly Step[]>>;

async function play(script: Play): Promise<readonly PipelineEvent[]> {
  const asked = ask(await fakeStage(script), { showReasoning: true });
  await asked.done;
  return asked.events;
}

/** The same events with all that may stand beside an answer. */
const withTrouble = (events: readonly PipelineEvent[]): readonly PipelineEvent[] =>
  events.map((event): PipelineEvent => {
    const more = { alerts: [ALERT], warnings: ["top_p was left out"], skipped: [MISCONFIGURED] };
    if (event.type === "error") return { ...event, ...more };
    if (event.type !== "end") return event;
    const attempts = event.completion.attempts.map((attempt) => ({
      ...attempt,
      charge: {
        ...attempt.charge,
        costNano: 1_234_567,
        priceVersion: "2026-11",
        source: "reported" as const,
      },
    }));
    return { ...event, completion: { ...event.completion, ...more, attempts } };
  });

async function* of<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The daemon's stream of these events, cut into pieces of this size. */
function* streamOf(events: readonly PipelineEvent[], size: number): Generator<string> {
  const text = events
    .map(
      nativeCompletion.stream(nativeCompletion.ask({ messages: [{ role: "user", content: "hi" }] }), ANSWER),
    )
    .join("");
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** All that a call prints of these events. */
async function printed(format: Format, events: AsyncIterable<PipelineEvent>, around: Around) {
  const stage = clientCall({ format, argv: ["-u", "-v", "--show-reasoning"] });
  const present = await presenterOf(stage.call, around);
  return { exit: await present(events), stdout: stage.stdout(), stderr: stage.stderr() };
}

const isBegun = ({ type }: PipelineEvent) => type === "start" || type === "delta";

const STORIES: readonly (readonly [string, Play])[] = [
  ["an answer in one piece", { a: [answers("Two words.")] }],
  ["a stream", { a: [streams([delta("one "), delta("two"), ...DONE])] }],
  ["reasoning", { a: [streams([{ type: "reasoning", text: "hm" }, delta("yes"), ...DONE])] }],
  ["tool calls", { a: [streams([CALL, { type: "finish", finish: "tool_calls" }, { type: "done" }])] }],
  ["an answer that was filtered", { a: [answers("no", { finish: "content_filter" })] }],
  ["a failover", { a: [fails(503), fails(503)], b: [answers("from b")] }],
  ["nobody who answers", { a: [fails(401)], b: [fails(429, "slow down", { "retry-after": "9" })] }],
  ["one provider that fails", { a: [fails(400)] }],
  ["an answer that breaks off", { a: [streams([delta("half an ")])] }],
];

describe("the daemon's events, read back", () => {
  for (const format of ["text", "json", "jsonl"] as const) {
    it.each(STORIES)(`print the same ${format} as those of this process: %s`, async (_what, script) => {
      for (const events of [await play(script), withTrouble(await play(script))]) {
        const here = await printed(format, of(events), { facts: () => FACTS, alerts: () => [] });
        const told = eventsOf(of([...streamOf(events, 7)]), EARLY);
        expect(await printed(format, told.events, told)).toEqual(here);
        expect(here.stdout + here.stderr).not.toBe("");
      }
    });
  }

  it("break off as daemon_lost with what had come, exit 5, where the stream ends before its end", async () => {
    const events = await play({ a: [streams([delta("one "), delta("two"), ...DONE])] });
    const [text] = [[...streamOf(events.filter(isBegun), 1_000)].join("")];
    const told = eventsOf(of([text, '{"type":"del']), EARLY);
    const { exit, stdout, stderr } = await printed("text", told.events, told);
    expect([exit, stdout]).toEqual([5, "one two\n"]);
    expect(stderr).toContain("error[daemon_lost]: the daemon ended its answer before its end\n");
    const json = eventsOf(of([text]), EARLY);
    expect(JSON.parse((await printed("json", json.events, json)).stdout)).toMatchObject({
      ...{ schema: "riptide.error/1", id: "rq_test", partial_text: "one two" },
      error: { code: "daemon_lost", exit: 5 },
    });
  });

  it("tell an error that came instead of a stream as this process would", async () => {
    const error = new RiptideError("deadline_exceeded", "no answer within 5 s", { reasons: ["a/m: silent"] });
    const none = { partialText: "", attempts: [], skipped: [], alerts: [], warnings: [] };
    const event: PipelineEvent = { type: "error", id: "rq_test", error, ...none };
    // A document that went over the wire.
    const told = failedTold(JSON.parse(JSON.stringify(nativeError(error, "rq_test", event))), EARLY);
    const here = await printed("text", of([event]), { facts: () => FACTS, alerts: () => [] });
    expect(await printed("text", told.events, told)).toEqual(here);
    expect(here.stderr).toContain("hint: riptide complete --timeout 15s");
  });

  it.each([
    ["says what it came to", 130, "interrupted, $0.001200 spent\n"],
    ["says nothing, and asks nothing, where nobody reads on", 0, "interrupted\n"],
  ])("that the caller gave up %s", async (_what, exit, stderr) => {
    const [, ...rest] = await play({ a: [streams([delta("one "), delta("two"), ...DONE])] });
    const cancelled = new RiptideError("cancelled", "interrupted", { exit });
    async function* pieces() {
      yield '{"type":"start","id":"rq_1","plan":[]}\n';
      yield [...streamOf(rest.filter(isBegun), 1_000)].join("");
      throw cancelled;
    }
    const attempt: AttemptDocument = {
      ...{ n: 1, kind: "try", provider: "a", model: "m", outcome: "cancelled", code: "cancelled" },
      ...{ status: null, ms: 5, ambiguous: true, retry_after_ms: null },
      ...{ usage_source: "estimated", usage_note: "cancelled", cost_usd: "0.0012" },
    };
    const asked: string[] = [];
    const told = eventsOf(pieces(), EARLY, async (id) => {
      asked.push(id);
      return [attempt];
    });
    expect(await printed("text", told.events, told)).toEqual({ exit, stdout: "one two\n", stderr });
    expect(asked).toEqual(exit === 0 ? [] : ["rq_1"]);
  });

  it("are one error where nothing came back at all", async () => {
    const told = brokenTold(new RiptideError("cancelled", "interrupted by SIGINT", { exit: 130 }), EARLY);
    expect(await printed("text", told.events, told)).toEqual({
      exit: 130,
      stdout: "",
      stderr: "interrupted\n",
    });
  });
});
