import { expect } from "vitest";
import type { ErrorCode } from "../../src/core/errors.ts";
import type { Framing } from "../../src/wire/frame.ts";
import { drive, failureOfPromise } from "../helpers/drive.ts";
import type { Failure } from "../helpers/simulator.ts";
import { ask, type ContractSetup, type Register, TEXT, text } from "./stage.ts";

const FAILURES: Readonly<Record<Failure["failure"], ErrorCode>> = {
  auth: "auth_failed",
  rate_limit: "rate_limited",
  quota: "quota_exhausted",
  overloaded: "overloaded",
  server: "provider_error",
  not_found: "model_not_found",
  bad_request: "bad_request",
  context: "context_too_long",
  filter: "content_filtered",
};

/** A body cut in the middle of its first message, by framing. */
const BROKEN: Readonly<Record<Framing, { readonly type: string; readonly body: string }>> = {
  sse: { type: "text/event-stream", body: 'data: {"half":\n\n' },
  ndjson: { type: "application/x-ndjson", body: '{"half":\n' },
  "aws-event-stream": {
    type: "application/vnd.amazon.eventstream",
    body: "these bytes are no event stream at all",
  },
};

export function endings(register: Register): void {
  register("says when the answer was cut at its limit", async ({ simulator, driver }) => {
    simulator.play({ ...text, finish: "length" });
    expect((await driver.complete(ask())).finish).toBe("length");
    expect((await driver.stream(ask())).completion.finish).toBe("length");
  });

  register(
    "says when the answer was filtered",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, finish: "content_filter" });
      expect((await driver.complete(ask())).finish).toBe("content_filter");
      expect((await driver.stream(ask())).completion.finish).toBe("content_filter");
    },
    "filter",
  );

  register("never takes a cut connection for an answer (SR-1)", async ({ simulator, driver }) => {
    simulator.play({ ...text, delivery: { cutAfterEvents: 3 } });
    expect(await failureOfPromise(driver.stream(ask()))).toMatchObject({
      code: "protocol_error",
      action: "repair",
    });
  });

  register(
    "never takes a stream without its marker for an answer (SR-1)",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, delivery: { noMarker: true } });
      expect(await failureOfPromise(driver.stream(ask()))).toMatchObject({ code: "protocol_error" });
    },
    "no marker",
  );

  register(
    "throws an error reported in the middle of a stream by its own code",
    async ({ simulator, driver, setup }) => {
      simulator.play({ ...text, delivery: { errorAfterEvents: 3 } });
      const error = await failureOfPromise(driver.stream(ask()));
      expect(error.code).toBe(setup.inBandCode ?? "overloaded");
    },
    "in-band error",
  );

  register(
    "ignores an event it does not know",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, delivery: { strangerAfterEvents: 2 } });
      expect((await driver.stream(ask())).completion).toMatchObject({ text: TEXT, finish: "stop" });
    },
    "stranger",
  );

  register("closes the connection when the caller gives up", async ({ simulator, instance, setup }) => {
    simulator.play({ ...text, delivery: { stallAfterEvents: 4 } });
    const controller = new AbortController();
    const driver = drive(instance, { model: setup.model, signal: controller.signal });
    const reason = new Error("the caller left");
    const streamed = driver.stream(ask(), (event) => event.type === "delta" && controller.abort(reason));
    await expect(streamed).rejects.toBe(reason);
    await expect.poll(() => simulator.aborted).toBe(1);
  });
}

export function failures(register: Register): void {
  for (const failure of Object.keys(FAILURES) as Failure["failure"][]) {
    register(
      `reports ${failure} by its code, whole and streamed`,
      async ({ simulator, driver, setup }) => {
        const code = setup.failureCodes?.[failure] ?? FAILURES[failure];
        simulator.play({ kind: "failure", failure });
        for (const attempt of [driver.complete(ask()), driver.stream(ask())]) {
          const error = await failureOfPromise(attempt);
          expect(error.code).toBe(code);
          expect(error.message).not.toMatch(/[<{]/);
        }
      },
      `${failure} failure`,
    );
  }

  register(
    "passes on how long the vendor asks to wait",
    async ({ simulator, driver, setup }) => {
      simulator.play({ kind: "failure", failure: "rate_limit", retryAfterSeconds: 7 });
      const { facts } = await failureOfPromise(driver.complete(ask()));
      expect(facts.retryAfterMs).toBe(setup.noRetryAfter ? undefined : 7_000);
    },
    "rate_limit failure",
  );

  register("shows nothing of a gateway's error page", async ({ simulator, driver }) => {
    const body = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    simulator.play({ kind: "raw", status: 502, headers: { "content-type": "text/html" }, body });
    const error = await failureOfPromise(driver.complete(ask()));
    expect(error).toMatchObject({ code: "provider_error", action: "repair", facts: { status: 502 } });
    expect(error.message).not.toMatch(/[<>]/);
  });
}

export function brokenBodies(register: Register, { dialect }: ContractSetup): void {
  const bodies = [
    ["half a JSON document", "application/json", '{"id":"x","choices":[{"mess'],
    ["a web page", "text/html", "<!doctype html><html><body>Sign in</body></html>"],
    ["a web page called JSON", "application/json", "<!doctype html><html><body>Sign in</body></html>"],
    ["nothing", "application/json", ""],
    ["JSON of another shape", "application/json", '{"hello":[1,2,3]}'],
    ["a JSON list", "application/json", "[]"],
    ["JSON null", "application/json", "null"],
  ] as const;
  for (const [what, type, body] of bodies) {
    register(`refuses ${what} with status 200`, async ({ simulator, driver }) => {
      simulator.play({ kind: "raw", headers: { "content-type": type }, body });
      const error = await failureOfPromise(driver.complete(ask()));
      expect(error.code).toBe("protocol_error");
      expect(error.message).not.toMatch(/[<>]/);
    });
  }

  register(
    `refuses a malformed message in a ${dialect.name} stream`,
    async ({ simulator, driver, instance }) => {
      const { type, body } = BROKEN[instance.adapter.framing];
      simulator.play({ kind: "raw", headers: { "content-type": type }, body });
      expect((await failureOfPromise(driver.stream(ask()))).code).toBe("protocol_error");
    },
  );
}
