import { doesNotMatch, equal } from "node:assert/strict";
import { systemClock } from "../core/clock.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Framing } from "../wire/frame.ts";
import { has, rejection } from "./check.ts";
import { drive, failureOfPromise } from "./drive.ts";
import type { Failure } from "./scenario.ts";
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

/** A closed connection shows on the other side of the loopback within a second. */
const MAX_WAITS = 200;

export function endings(register: Register): void {
  register("says when the answer was cut at its limit", async ({ simulator, driver }) => {
    simulator.play({ ...text, finish: "length" });
    equal((await driver.complete(ask())).finish, "length");
    equal((await driver.stream(ask())).completion.finish, "length");
  });

  register(
    "says when the answer was filtered",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, finish: "content_filter" });
      equal((await driver.complete(ask())).finish, "content_filter");
      equal((await driver.stream(ask())).completion.finish, "content_filter");
    },
    "filter",
  );

  register("never takes a cut connection for an answer (SR-1)", async ({ simulator, driver }) => {
    simulator.play({ ...text, delivery: { cutAfterEvents: 3 } });
    has(await failureOfPromise(driver.stream(ask())), {
      code: "protocol_error",
      action: "repair",
    });
  });

  register(
    "never takes a stream without its marker for an answer (SR-1)",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, delivery: { noMarker: true } });
      has(await failureOfPromise(driver.stream(ask())), { code: "protocol_error" });
    },
    "no marker",
  );

  register(
    "throws an error reported in the middle of a stream by its own code",
    async ({ simulator, driver, setup }) => {
      simulator.play({ ...text, delivery: { errorAfterEvents: 3 } });
      const error = await failureOfPromise(driver.stream(ask()));
      equal(error.code, setup.inBandCode ?? "overloaded");
    },
    "in-band error",
  );

  register(
    "ignores an event it does not know",
    async ({ simulator, driver }) => {
      simulator.play({ ...text, delivery: { strangerAfterEvents: 2 } });
      has((await driver.stream(ask())).completion, { text: TEXT, finish: "stop" });
    },
    "stranger",
  );

  register("closes the connection when the caller gives up", async ({ simulator, instance, setup }) => {
    simulator.play({ ...text, delivery: { stallAfterEvents: 4 } });
    const controller = new AbortController();
    const driver = drive(instance, { model: setup.model, signal: controller.signal });
    const reason = new Error("the caller left");
    const streamed = driver.stream(ask(), (event) => event.type === "delta" && controller.abort(reason));
    equal(await rejection(streamed), reason);
    for (let waits = 0; simulator.aborted === 0 && waits < MAX_WAITS; waits += 1) await systemClock.sleep(5);
    equal(simulator.aborted, 1, "the connection is still open");
  });
}

export function failures(register: Register): void {
  for (const failure of Object.keys(FAILURES) as Failure["failure"][]) {
    register(
      `reports ${failure} by its code, whole and streamed`,
      async ({ simulator, driver, setup }) => {
        const code = setup.failureCodes?.[failure] ?? FAILURES[failure];
        simulator.play({ kind: "failure", failure });
        for (const attempt of [driver.complete, driver.stream]) {
          const error = await failureOfPromise(attempt(ask()));
          equal(error.code, code);
          doesNotMatch(error.message, /[<{]/);
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
      equal(facts.retryAfterMs, setup.noRetryAfter ? undefined : 7_000);
    },
    "rate_limit failure",
  );

  register("shows nothing of a gateway's error page", async ({ simulator, driver }) => {
    const body = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    simulator.play({ kind: "raw", status: 502, headers: { "content-type": "text/html" }, body });
    const error = await failureOfPromise(driver.complete(ask()));
    has(error, { code: "provider_error", action: "repair", facts: { status: 502 } });
    doesNotMatch(error.message, /[<>]/);
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
      equal(error.code, "protocol_error");
      doesNotMatch(error.message, /[<>]/);
    });
  }

  register(
    `refuses a malformed message in a ${dialect.name} stream`,
    async ({ simulator, driver, instance }) => {
      const { type, body } = BROKEN[instance.adapter.framing];
      simulator.play({ kind: "raw", headers: { "content-type": type }, body });
      equal((await failureOfPromise(driver.stream(ask()))).code, "protocol_error");
    },
  );
}
