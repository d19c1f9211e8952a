import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../src/core/events.ts";
import { completeOnce, eventsOf, fetchReply, streamOnce } from "../../src/engine/exchange.ts";
import { failureOfPromise } from "../helpers/drive.ts";
import { createFakeCall, deafBody, delta, respond, type Step, streams } from "../helpers/fake-provider.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const head =
  (type: string, parts: readonly string[] = []): Step =>
  () =>
    respond(parts, { "content-type": type });

const into = (events: StreamEvent[]) => ({
  read: async (batch: readonly StreamEvent[]) => events.push(...batch) > 0,
  onBytes: () => {},
});

async function read(step: Step, controller = new AbortController()) {
  const { call, request } = createFakeCall(step, controller.signal);
  const chunks: number[] = [];
  const events: StreamEvent[] = [];
  await streamOnce(call, request, { ...into(events), onBytes: () => chunks.push(1) });
  return { events, chunks: chunks.length };
}

describe("a streamed exchange", () => {
  it("yields the events up to the end, telling of each chunk of bytes", async () => {
    const { events, chunks } = await read(streams([delta("a"), delta("b"), { type: "done" }]));
    expect([events, chunks]).toEqual([[delta("a"), delta("b")], 3]);
  });

  it("is whole at its terminal marker, after which only usage counts", async () => {
    const usage = { type: "usage", usage: { inputTokens: 1 } } as never;
    const { events } = await read(
      streams([delta("a"), { type: "terminal" }, delta("b"), usage, { error: "overloaded" }]),
    );
    expect(events).toEqual([delta("a"), { type: "terminal" }, usage]);
  });

  it("that ends without a marker is cut, never a success (SR-1)", async () => {
    for (const events of [[], [delta("a")]]) {
      expect(await failureOfPromise(read(streams(events)))).toMatchObject({
        code: "protocol_error",
        action: "repair",
      });
    }
  });

  it("yields what came before a bad line", async () => {
    const events: StreamEvent[] = [];
    const { call, request } = createFakeCall(() => respond([`${JSON.stringify(delta("a"))}\nnonsense\n`]));
    const reading = streamOnce(call, request, into(events));
    expect((await failureOfPromise(reading)).code).toBe("protocol_error");
    expect(events).toEqual([delta("a")]);
  });

  it("answered with one JSON document is read as a whole answer, where lines are not JSON anyway", async () => {
    const whole = { text: "all", reasoning: "", toolCalls: [], finish: "stop" };
    const step = head("application/json; charset=utf-8", [JSON.stringify(whole)]);
    const { call, request } = createFakeCall(step);
    const events: StreamEvent[] = [];
    const sse = { ...call, adapter: { ...call.adapter, framing: "sse" } as const };
    await streamOnce(sse, request, into(events));
    expect(events).toEqual([delta("all"), { type: "finish", finish: "stop" }, { type: "terminal" }]);
  });

  it("fails with its reader, also when it is whole", async () => {
    const { call, request } = createFakeCall(streams([delta("a"), { type: "terminal" }]));
    const read = async () => {
      throw new Error("no more");
    };
    const reading = streamOnce(call, request, { read, onBytes: () => {} });
    expect((await failureOfPromise(reading)).message).toBe("no more");
  });

  it("settles when its signal does, though the transport goes on waiting (DL-5)", async () => {
    const controller = new AbortController();
    const reading = failureOfPromise(read(deafBody, controller));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("over"));
    expect((await reading).message).toBe("over");
  });
});

describe("any exchange", () => {
  it("refuses a web page without reading it", async () => {
    for (const type of ["text/html", "Text/HTML; charset=utf-8", "application/xml"]) {
      const { call } = createFakeCall(head(type, ["<html>"]));
      const error = await failureOfPromise(fetchReply(call, call.adapter.probe.toWire()));
      expect([error.code, error.message]).toEqual([
        "protocol_error",
        expect.stringContaining("answered 200 with"),
      ]);
    }
  });

  it.each([400, 429, 500, 599])("has a status %i judged by the adapter", async (status) => {
    const { call, request } = createFakeCall(() => ({ ...respond(['{"message":"no"}']), status }));
    const error = await failureOfPromise(completeOnce(call, request));
    expect([error.message, error.facts.status]).toEqual(["no", status]);
  });

  it("has a redirect said to be one, whatever its body says", async () => {
    const { call, request } = createFakeCall(() => ({ ...respond(['{"message":"no"}']), status: 302 }));
    const error = await failureOfPromise(completeOnce(call, request));
    expect([error.code, error.message]).toEqual(["protocol_error", "redirects (not followed)"]);
  });

  it("reads no more than 64 KiB of an error", async () => {
    let sent = 0;
    let closed = false;
    async function* endless() {
      try {
        for (;;) {
          sent += 1_024;
          yield encode("x".repeat(1_024));
        }
      } finally {
        closed = true;
      }
    }
    const { call, request } = createFakeCall(() => ({ ...respond([]), status: 500, body: endless() }));
    const adapter = {
      ...call.adapter,
      classify: ({ body }: { body: Uint8Array }) => new Error(String(body.length)),
    };
    const error = await failureOfPromise(completeOnce({ ...call, adapter: adapter as never }, request));
    expect([error.message, sent, closed]).toEqual(["65536", 65_536, true]);
  });

  it("turns a whole answer into the events of a stream", () => {
    const events = [
      ...eventsOf({
        model: "m",
        reasoning: "hm",
        text: "hi",
        toolCalls: [{ id: "1", name: "t", arguments: "{}" }],
        finish: "tool_calls",
        refusal: "no",
      }),
    ];
    expect(events.map(({ type }) => type)).toEqual([
      "model",
      "reasoning",
      "delta",
      "tool_call",
      "finish",
      "terminal",
    ]);
    expect(events[4]).toEqual({ type: "finish", finish: "tool_calls", refusal: "no" });
  });
});
