import { describe, expect, it } from "vitest";
import type { Scenario } from "../helpers/simulator.ts";
import { anthropic, expectErrorText, openai, useStage } from "./stage.ts";
import { yamlOf } from "./vendors.ts";

const stage = useStage();
const JSON_TYPE = { "content-type": "application/json" };
const SSE_TYPE = { "content-type": "text/event-stream" };

/** How a call may fail, and its code and exit code whatever the output format. */
const FAILURES: readonly (readonly [string, Scenario, readonly string[], number, string])[] = [
  ["a refused key", { kind: "failure", failure: "auth" }, [], 4, "auth_failed"],
  ["an empty account", { kind: "failure", failure: "quota" }, [], 4, "quota_exhausted"],
  ["a model nobody knows there", { kind: "failure", failure: "not_found" }, [], 4, "model_not_found"],
  ["a broken server", { kind: "failure", failure: "server" }, [], 5, "provider_error"],
  ["a busy server", { kind: "failure", failure: "overloaded" }, [], 5, "overloaded"],
  ["a dropped connection", { kind: "raw", behaviour: "reset" }, [], 5, "protocol_error"],
  ["silence", { kind: "raw", behaviour: "silent" }, ["--timeout", "900ms"], 6, "deadline_exceeded"],
  [
    "too many requests",
    { kind: "failure", failure: "rate_limit", retryAfterSeconds: 30 },
    [],
    7,
    "rate_limited",
  ],
  ["a refused request", { kind: "failure", failure: "bad_request" }, [], 9, "bad_request"],
  ["a prompt that is too long", { kind: "failure", failure: "context" }, [], 9, "context_too_long"],
  ["a filtered prompt", { kind: "failure", failure: "filter" }, [], 9, "content_filtered"],
  [
    "a filtered answer",
    { kind: "answer", tokens: ["no"], finish: "content_filter" },
    [],
    9,
    "content_filtered",
  ],
  [
    "a cut answer",
    { kind: "answer", tokens: ["a"], finish: "length" },
    ["--require-complete"],
    13,
    "incomplete",
  ],
  [
    "an answer against the schema",
    { kind: "answer", tokens: ["[]"] },
    ["--schema", '{"type":"object"}'],
    13,
    "schema_invalid",
  ],
  ["an unknown model", { kind: "answer" }, ["-m", "nobody"], 2, "usage"],
  ["a wrong flag", { kind: "answer" }, ["--bogus"], 2, "usage"],
  [
    "a missing key",
    { kind: "answer" },
    ["--set", `providers.openai.api_key=$${"{NOT_SET_ANYWHERE}"}`],
    3,
    "secret_missing",
  ],
  ["no configuration", { kind: "answer" }, ["-C", "nowhere.yaml"], 3, "config_not_found"],
  ["a wrong configuration", { kind: "answer" }, ["--set", "timeouts.completion=soon"], 3, "config_invalid"],
];

/** What stands between the client and an answer: none of it is one. */
const NO_ANSWERS: readonly (readonly [string, Scenario])[] = [
  ["HTML", { kind: "raw", headers: { "content-type": "text/html" }, body: "<h1>Sign in</h1>" }],
  [
    "a proxy's 502 page",
    { kind: "raw", status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad</h1>" },
  ],
  ["half JSON", { kind: "raw", headers: JSON_TYPE, body: '{"choices":[{"mess' }],
  ["an empty body", { kind: "raw", headers: JSON_TYPE, body: "" }],
  ["an empty stream", { kind: "raw", headers: SSE_TYPE, body: "" }],
  ["JSON of another shape", { kind: "raw", headers: JSON_TYPE, body: '{"hello":1}' }],
  [
    "200 with an error",
    { kind: "raw", headers: JSON_TYPE, body: '{"error":{"message":"broken","type":"server_error"}}' },
  ],
  ["a redirect", { kind: "raw", status: 302, headers: { location: "http://127.0.0.1:1/" } }],
];

async function withOpenAi(scenario: Scenario) {
  const simulator = await stage.simulate(openai, scenario);
  return stage.workplace(yamlOf([[openai, simulator.url]]));
}

/** Two processes, one of which waits for its deadline. */
const SLOW_MS = 15_000;

describe("a failure has its code and exit code, in text and in JSON", () => {
  it.each(FAILURES)(
    "%s",
    async (_name, scenario, flags, exit, code) => {
      const place = await withOpenAi(scenario);
      const text = await place.run(["complete", "hi", ...flags]);
      expect([text.code, text.stderr]).toEqual([exit, expect.stringContaining(`error[${code}]: `)]);
      expectErrorText(text.stderr, code);
      await place.forget();
      const json = await place.run(["complete", "hi", ...flags, "--json"]);
      const document = JSON.parse(json.stdout);
      expect([json.code, document.ok, document.error.code, document.error.exit]).toEqual([
        exit,
        false,
        code,
        exit,
      ]);
      expect(json.stderr.trimEnd().split("\n").at(-1)).toMatch(new RegExp(`^error\\[${code}\\]: `));
      await place.forget();
      const lines = (await place.run(["complete", "hi", ...flags, "-o", "jsonl"])).stdout.trim().split("\n");
      const last = JSON.parse(lines.at(-1) ?? "");
      expect([last.type, (last.error ?? last.completion.error).code]).toEqual([
        last.completion ? "end" : "error",
        code,
      ]);
    },
    SLOW_MS,
  );

  it("gives the request's id in the text where a request was made", async () => {
    const place = await withOpenAi({ kind: "failure", failure: "server" });
    const { stderr } = await place.run(["complete", "hi"]);
    expect(stderr).toMatch(/\nrequest: (rq_[0-9A-Z]{26}) \(riptide why \1\)\n$/);
  });
});

describe("what is no answer", () => {
  it.each(NO_ANSWERS)(
    "%s is exit 5, streamed and buffered, and nothing of it is on stdout",
    async (_name, scenario) => {
      const place = await withOpenAi(scenario);
      for (const flags of [[], ["--no-stream"]]) {
        const { code, stdout, stderr } = await place.run(["complete", "hi", ...flags]);
        expect([code, stdout], stderr).toEqual([5, ""]);
        expectErrorText(stderr, "(protocol_error|provider_error|overloaded)");
        expect(stderr).not.toContain("<h1>");
      }
    },
  );

  it.each([
    ["is cut", { cutAfterEvents: 2 }, 5, "stream_interrupted"],
    ["fails in band", { errorAfterEvents: 2 }, 5, "stream_interrupted"],
    ["ends without its marker", { noMarker: true }, 5, "stream_interrupted"],
    ["falls silent", { stallAfterEvents: 2 }, 6, "stream_idle"],
  ] as const)(
    "keeps the part of an answer that %s, on a line of its own, and says so",
    async (_name, delivery, exit, error) => {
      const place = await withOpenAi({ kind: "answer", tokens: ["half ", "an "], delivery });
      const flags = ["--set", "timeouts.stream_idle=400ms"];
      const text = await place.run(["complete", "hi", ...flags]);
      expect(text.stdout).toMatch(/^half .*\n$/);
      expect(text.code).toBe(exit);
      expectErrorText(text.stderr, error);
      const lines = (await place.run(["complete", "hi", "-o", "jsonl", ...flags])).stdout.trim().split("\n");
      const last = JSON.parse(lines.at(-1) ?? "");
      expect([last.type, last.error.code, `${last.partial_text}\n`]).toEqual(["error", error, text.stdout]);
    },
  );

  it("is not what follows an event of an unknown type", async () => {
    const place = await withOpenAi({
      kind: "answer",
      tokens: ["a", "b"],
      delivery: { strangerAfterEvents: 2 },
    });
    const { code, stdout } = await place.run(["complete", "hi"]);
    expect([code, stdout]).toEqual([0, "ab\n"]);
  });
});

describe("several providers", () => {
  it.each([
    ["the same failure keeps its exit code", "auth", "auth", 4],
    ["mixed failures are 5", "auth", "rate_limit", 5],
  ] as const)("%s", async (_name, first, second, exit) => {
    const one = await stage.simulate(openai, { kind: "failure", failure: first });
    const two = await stage.simulate(anthropic, { kind: "failure", failure: second });
    const place = await stage.workplace(
      yamlOf([
        [openai, one.url],
        [anthropic, two.url],
      ]),
    );
    const { code, stderr } = await place.run(["complete", "hi"]);
    expect(code).toBe(exit);
    expectErrorText(stderr, "all_providers_failed");
    expect(stderr).toMatch(/\n {2}openai\/.*\n {2}anthropic\//);
  });

  it("are listed in at most eight lines however many they are", async () => {
    const simulator = await stage.simulate(openai, { kind: "failure", failure: "auth" });
    const entries = Array.from({ length: 12 }, (_, index) => [openai, simulator.url, `p${index}`] as const);
    const place = await stage.workplace(yamlOf(entries, "failover: { max_attempts: 12 }\n"));
    const { stderr } = await place.run(["complete", "hi"]);
    expectErrorText(stderr, "all_providers_failed");
    expect(stderr).toContain("more\n");
  });
});
