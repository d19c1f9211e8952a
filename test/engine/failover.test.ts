import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/core/errors.ts";
import { openGuard } from "../../src/engine/guard.ts";
import { openStages, type Stages } from "../../src/engine/stages.ts";
import type { Settlement } from "../../src/ledger/settlement.ts";
import { ask } from "../helpers/ask.ts";
import {
  answers,
  DONE,
  deaf,
  deafBody,
  delta,
  fails,
  fakeStage,
  paced,
  refuses,
  type Step,
  silent,
  streams,
} from "../helpers/fake-provider.ts";

const good = answers("hello");
const CONTENT = ["delta", "reasoning", "tool_call"];

describe("what a failed attempt means before the first token (AT-1)", () => {
  const NEXT: readonly ErrorCode[] = [
    "unsupported",
    "context_too_long",
    "auth_failed",
    "quota_exhausted",
    "model_not_found",
    "rate_limited",
    "overloaded",
    "provider_error",
    "connect_failed",
    "protocol_error",
    "attempt_timeout",
  ];
  it.each(NEXT)("%s goes on to the next candidate, streamed and buffered", async (code) => {
    for (const stream of [true, false]) {
      const stage = await fakeStage({ a: [refuses(code)], b: [good] });
      const asked = ask(stage, { stream });
      await asked.done;
      expect([asked.text, asked.tried]).toEqual(["hello", [`a ${code}`, "b ok"]]);
    }
  });

  const STOP: readonly (readonly [ErrorCode, number])[] = [
    ["bad_request", 9],
    ["content_filtered", 9],
    ["invalid_request", 2],
    ["internal", 70],
  ];
  it.each(STOP)("%s ends the operation with exit %i and asks nobody else", async (code, exit) => {
    const stage = await fakeStage({ a: [refuses(code)], b: [good] });
    const asked = ask(stage);
    await asked.done;
    expect([asked.failure?.error.code, asked.failure?.error.exit]).toEqual([code, exit]);
    expect(stage.provider.b?.calls ?? []).toHaveLength(0);
  });

  it("goes on when only the configuration of one provider is broken", async () => {
    for (const code of ["config_invalid", "secret_missing"] as const) {
      const asked = ask(await fakeStage({ a: [refuses(code)], b: [good] }));
      await asked.done;
      expect(asked.tried).toEqual([`a ${code}`, "b ok"]);
    }
  });

  it("says so with a failover event between the attempts", async () => {
    const asked = ask(await fakeStage({ a: [fails(500)], b: [good] }));
    await asked.done;
    expect(asked.events.map(({ type }) => type)).toEqual([
      "start",
      "attempt",
      "failover",
      "delta",
      "attempt",
      "usage",
      "end",
    ]);
    expect(asked.events[2]).toEqual({
      type: "failover",
      from: { provider: "a", model: "m" },
      to: { provider: "b", model: "m" },
      code: "provider_error",
      mode: "before_output",
    });
  });

  it("passes a candidate that gets no permit, and announces no switch to it", async () => {
    const stage = await fakeStage({ a: [fails(500)], b: [good], c: [good] });
    const closed = {
      reason: "circuit_open",
      error: new Error("open") as never,
      untilMs: 1,
      untilWallMs: 1,
    } as const;
    const refusal = ({ provider }: { provider: string }) => (provider === "b" ? closed : null);
    const asked = ask({ ...stage, guard: { ...openGuard, refusal } });
    await asked.done;
    const switches = asked.events.flatMap((event) => (event.type === "failover" ? [event.to.provider] : []));
    expect([switches, asked.result?.skipped]).toMatchObject([
      ["c"],
      [{ provider: "b", reason: "circuit_open" }],
    ]);
  });
});

describe("a failed attempt before commit leaves no trace (SR-2)", () => {
  it("not its model, its usage, its hidden reasoning or the time of a first token", async () => {
    const usage = {
      inputTokens: 999,
      outputTokens: 999,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      source: "reported",
    } as const;
    const stage = await fakeStage({
      a: [
        streams([
          { type: "model", model: "leaked" },
          { type: "usage", usage },
          { type: "reasoning", text: "leaked" },
          { error: "overloaded" },
        ]),
      ],
      b: [paced(100, delta("hello"), ...DONE)],
    });
    const asked = ask(stage);
    await stage.clock.advance(1_000);
    expect(asked.result).toMatchObject({
      provider: "b",
      model: "m",
      text: "hello",
      usage: { source: "estimated" },
      timing: { firstTokenMs: 100 },
    });
    // What it cost is on record, but not in what the caller reads.
    const shown = JSON.stringify(asked.events, (key, value) => (key === "charge" ? undefined : value));
    expect(shown).not.toMatch(/leaked|999/);
  });

  it("a stream that ends without its marker is a failure, however orderly (SR-1)", async () => {
    const cut = streams([{ type: "model", model: "x" }]);
    const asked = ask(await fakeStage({ a: [cut], b: [good] }));
    await asked.done;
    expect(asked.tried).toEqual(["a protocol_error", "b ok"]);
  });

  it("after the first token a cut keeps the partial text and asks nobody else", async () => {
    const stage = await fakeStage({ a: [streams([delta("par"), delta("tial")])], b: [good] });
    const asked = ask(stage, { streamRecovery: "off" });
    await asked.done;
    expect(asked.failure).toMatchObject({ partialText: "partial", error: { code: "stream_interrupted" } });
    expect([asked.tried, asked.failure?.error.exit]).toEqual([["a stream_interrupted"], 5]);
  });

  it("an error reported in band after the first token is an interruption too", async () => {
    const asked = ask(await fakeStage({ a: [streams([delta("x"), { error: "rate_limited" }])], b: [good] }), {
      streamRecovery: "off",
    });
    await asked.done;
    expect(asked.failure?.error).toMatchObject({
      code: "stream_interrupted",
      cause: { code: "rate_limited" },
    });
  });

  it("takes nothing that follows the end of the answer", async () => {
    const terminal = { type: "terminal" } as const;
    const stage = await fakeStage({
      a: [streams([delta("all"), { type: "finish", finish: "stop" }, terminal, delta("more"), terminal])],
    });
    const asked = ask(stage);
    await asked.done;
    expect([asked.text, asked.result?.text, asked.result?.finish]).toEqual(["all", "all", "stop"]);
  });
});

describe("max_attempts (AT-6)", () => {
  it("ends the search, and the error counts what was tried", async () => {
    const stage = await fakeStage({ a: [fails(500)], b: [fails(500)], c: [good] });
    const asked = ask(stage, { maxAttempts: 2 });
    await asked.done;
    expect(asked.tried).toEqual(["a provider_error", "b provider_error"]);
    expect(asked.failure?.error).toMatchObject({ code: "all_providers_failed", exit: 5 });
  });

  it("is 4 unless said otherwise", async () => {
    const five: Record<string, readonly Step[]> = {};
    for (const id of ["a", "b", "c", "d", "e"]) five[id] = [fails(500)];
    const asked = ask(await fakeStage(five));
    await asked.done;
    expect(asked.tried).toHaveLength(4);
  });
});

describe("a caller that cancels", () => {
  const WAYS: readonly (readonly [string, Step])[] = [
    ["before the head", silent],
    ["before the head, unheard by the transport", deaf],
    ["within the body", paced(delta("x"), Number.POSITIVE_INFINITY)],
    ["within the body, unheard by the transport", deafBody],
  ];
  it.each(WAYS)("%s settles within a tick and closes the connection", async (_name, step) => {
    for (const stream of [true, false]) {
      const stage = await fakeStage({ a: [step], b: [good] });
      const asked = ask(stage, { stream });
      await stage.clock.advance(10);
      expect(stage.provider.a?.open).toBe(1);
      asked.cancel();
      await stage.clock.advance(0);
      expect([asked.failure?.error.code, asked.failure?.error.exit]).toEqual(["cancelled", 130]);
      expect(asked.failure?.attempts).toMatchObject([{ outcome: "cancelled", ambiguous: true }]);
      expect([stage.provider.a?.open, stage.provider.b?.calls.length, stage.clock.pending]).toEqual([
        0, 0, 0,
      ]);
    }
  });

  it("between two attempts sends nothing more", async () => {
    const stage = await fakeStage({ a: [fails(500)], b: [good] });
    const asked = ask(stage, { onEvent: ({ type }, cancel) => type === "attempt" && cancel() });
    await asked.done;
    expect([asked.tried, asked.failure?.error.code]).toEqual([["a provider_error"], "cancelled"]);
    expect(stage.provider.b?.calls).toHaveLength(0);
  });

  it("gets nothing of what had arrived already", async () => {
    const lines = [...Array.from({ length: 50 }, (_, n) => delta(`${n} `)), ...DONE];
    const many = paced(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const asked = ask(await fakeStage({ a: [many] }), {
      onEvent: ({ type }, cancel) => type === "delta" && cancel(),
    });
    await asked.done;
    expect([asked.failure?.error.code, asked.failure?.partialText]).toEqual(["cancelled", "0 "]);
  });

  it("by walking away leaves no timer, no connection and one attempt in the trail", async () => {
    const stage = await fakeStage({ a: [paced(delta("x"), Number.POSITIVE_INFINITY)] });
    const settled: Settlement[] = [];
    const stages = settlingWith((settlement) => settled.push(settlement));
    const onEvent = ({ type }: { type: string }) => {
      if (type === "delta") throw new Error("the reader is gone");
    };
    await expect(ask(stage, { stages, onEvent }).done).rejects.toThrow("the reader is gone");
    expect([stage.provider.a?.open, stage.clock.pending]).toEqual([0, 0]);
    expect(settled).toMatchObject([{ attempts: [{ provider: "a", outcome: "cancelled" }] }]);
  });
});

it.each([
  ["a success", good],
  ["a failure", fails(500)],
  ["a timeout", silent],
  ["a cut", streams([delta("x")])],
  ["a page that is left unread", () => ({ ...htmlPage(), status: 200 })],
] as const)("after %s no timer, no abort listener and no connection is left (DL-5)", async (_name, step) => {
  const stage = await fakeStage({ a: [step] });
  const asked = ask(stage);
  await stage.clock.advance(6_000);
  expect(asked.events.at(-1)?.type).toMatch(/end|error/);
  expect([stage.clock.pending, getEventListeners(asked.signal, "abort").length]).toEqual([0, 0]);
  expect(stage.provider.a?.open).toBe(0);
});

function htmlPage() {
  const body = (async function* () {
    yield new TextEncoder().encode("<html>");
  })();
  return { headers: { "content-type": "text/html" }, body, timings: { firstByteMs: 0 } };
}

/** Stages that show what is booked. */
const settlingWith = (onSettle: (settlement: Settlement) => void): Stages => ({
  ...openStages,
  settle: async (settlement) => {
    onSettle(settlement);
    return { fresh: true, alerts: [] };
  },
});

it("settles exactly once, whatever happens", async () => {
  for (const step of [good, fails(500), fails(400), streams([delta("x")])]) {
    let settled = 0;
    const stages = settlingWith(() => {
      settled += 1;
    });
    const asked = ask(await fakeStage({ a: [step], b: [good] }), { stages });
    await asked.done;
    const endings = asked.events.filter(({ type }) => type === "end" || type === "error");
    expect([settled, endings.length, CONTENT.includes(asked.events.at(-1)?.type ?? "")]).toEqual([
      1,
      1,
      false,
    ]);
  }
});
