import { afterAll, describe, expect, it } from "vitest";
import { errorOf, workspace } from "./workspace.ts";

const place = workspace();
afterAll(place.remove);

const deep = (open: string, close = "") => open.repeat(5_000) + close.repeat(5_000);
const bomb = [..."bcdefghijk"]
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghij"[index]}`).join()}]`)
  .join("\n");
const openai = (line: string) => `providers:\n  openai:\n    type: openai\n    api_key: \${K}\n    ${line}\n`;
const mock = (line: string) => `providers:\n  m:\n    type: mock\n    ${line}\n`;
const withMock = (rest: string) => `providers:\n  m: { type: mock }\n${rest}`;

/** A file, where its problem stands, and the words that say it. */
const FILES: readonly (readonly [name: string, text: string, place: string, words: string])[] = [
  ["an empty file", "", "1:1", "the file is empty"],
  ["a file of comments", "# nothing\n# here\n", "1:1", "the file is empty"],
  ["an explicit null", "~\n", "1:1", "the file is empty"],
  ["no providers", "version: 1\n", "1:1", "the file has no providers"],
  ["an empty provider map", "version: 1\nproviders: {}\n", "2:1", "the file has no providers"],
  ["a half-written provider block", "version: 1\nproviders:\n", "2:11", "expected a map, found nothing"],
  ["a half-written entry", "providers:\n  openai:\n    type: opena", "3:11", "unknown provider type"],
  ["a half-written quote", "providers:\n  m:\n    type: 'mo", "3:14", "a character is missing"],
  ["a list at the top", "- a\n", "1:1", "expected a map of keys"],
  ["a text at the top", "hello\n", "1:1", "expected a map of keys"],
  ["a syntax error", "providers: [\n", "2:1", "wrong indentation"],
  ["a map in a value", "strategy: a: b\n", "1:11", "a map cannot begin here"],
  ["a missing colon", "version: 1\nproviders\n", "2:1", "a character is missing"],
  ["a tab", "providers:\n\tm:\n", "2:1", "a tab cannot indent"],
  ["a duplicate key", "version: 1\nstrategy: sequential\nversion: 1\n", "3:1", 'duplicate key "version"'],
  ["a duplicate key below", mock("type: mock"), "4:5", 'duplicate key "type" in providers.m'],
  ["two documents", `${withMock("")}---\nversion: 1\n`, "3:1", "a second document begins here"],
  ["an unknown tag", "version: !env 1\n", "1:10", "unknown tag"],
  ["a known tag", "strategy: !!str sequential\n", "1:17", "tags are not used"],
  ["a directive", "%RUN rm\n---\nversion: 1\n", "1:1", "directive"],
  ["an alias bomb", `a: &a [1,2,3,4,5,6,7,8,9]\n${bomb}\n`, "1:8", "too many values"],
  ["an alias of itself", "a: &a [*a]\n", "1:7", "nested more than 20 levels deep"],
  ["an alias of nothing", "a: *b\n", "1:4", "no anchor before it"],
  ["5,000 brackets", deep("[", "]"), "1:22", "nested more than 20 levels deep"],
  ["5,000 braces", deep("{a: ", "}"), "1:85", "nested more than 20 levels deep"],
  ["5,000 dashes", deep("- "), "1:43", "nested more than 20 levels deep"],
  ["5,000 question marks", deep("? "), "1:43", "nested more than 20 levels deep"],
  [
    "1,000 indentations",
    Array.from({ length: 1_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
    "22:22",
    "nested more than 20 levels deep",
  ],
  ["a NUL", "version: 1\nstrategy: \0\n", "2:11", "NUL"],
  ["an escaped NUL", 'strategy: "\\0"\n', "1:11", "NUL"],
  ["__proto__", "providers:\n  __proto__: { type: mock }\n", "2:3", 'the key "__proto__" is not allowed'],
  ["constructor", "constructor: 1\n", "1:1", 'the key "constructor" is not allowed'],
  ["prototype", mock("prototype: 1"), "4:5", 'the key "prototype" is not allowed'],
  ["a merge key", withMock("<<: { strategy: sequential }\n"), "3:1", 'unknown key "<<"'],
  ["a list as a key", "? [a]\n: 1\n", "1:3", "a key must be plain text"],
  [
    "a 20-digit number",
    withMock("max_cost_per_request: 12345678901234567890\n"),
    "3:23",
    "more digits than can be kept",
  ],
  ["a 16-digit fraction", withMock("max_cost_per_request: 0.1234567890123456\n"), "3:23", "more digits"],
  ["not a number", withMock("max_cost_per_request: .nan\n"), "3:23", "more digits"],
  ["an unknown key at the top", withMock("stratgy: sequential\n"), "3:1", 'unknown key "stratgy"'],
  ["an unknown key in a block", withMock("failover:\n  repare: first\n"), "4:3", '"repare" in failover'],
  ["an unknown key two blocks down", withMock("daemon:\n  queue: { totl: 5 }\n"), "4:12", "daemon.queue"],
  ["an unknown key of a provider", openai("base_ulr: https://x"), "5:5", 'unknown key "base_ulr"'],
  ["an unknown key in a provider's block", mock("timeouts: { atempt: 5s }"), "4:17", "providers.m.timeouts"],
  ["an unknown key in a preset block", withMock("timeouts: { complete: 5s }\n"), "3:13", "in timeouts"],
  [
    "an unknown key of an alias",
    withMock("models:\n  a: { target: [m/x] }\n"),
    "4:8",
    'unknown key "target" in models.a',
  ],
  [
    "an unknown key of a tenant",
    withMock("tenants: { list: { acme: { limit: {} } } }\n"),
    "3:28",
    'unknown key "limit" in tenants.list.acme',
  ],
  ["an unknown key of a secret", openai("headers: { x: { envv: A } }"), "5:21", 'unknown key "envv"'],
  ["a boolean as text", mock('enabled: "yes"'), "4:14", "expected true or false, found text"],
  ["text as a number", mock("priority: high"), "4:15", "expected a number, found text"],
  ["a fraction as a whole number", mock("max_concurrent: 1.5"), "4:21", "expected a whole number"],
  ["a map as a list", mock("tags: { a: b }"), "4:11", "expected a list, found a map"],
  ["a duration without a unit", withMock("timeouts: { completion: 5 }\n"), "3:25", "expected text"],
  ["a word as a duration", withMock("timeouts: { completion: soon }\n"), "3:25", "expected a duration"],
  ["no time at all", withMock("timeouts: { completion: 0s }\n"), "3:25", "longer than 0"],
  ["an unknown preset", withMock("timeouts: strcit\n"), "3:11", 'expected "default", "strict", "relaxed"'],
  ["an unknown strategy", withMock("strategy: cheapest\n"), "3:11", "lowest-cost"],
  ["too many repairs", withMock("circuit_breaker: { max_repair_attempts: 2 }\n"), "3:41", "at most 1"],
  ["a share above one", withMock("failover: { retry_budget: { ratio: 2 } }\n"), "3:36", "at most 1"],
  ["money that is too fine", withMock('max_cost_per_request: "0.0000000001"\n'), "3:23", "an amount"],
  ["negative money", withMock("max_cost_per_request: -1\n"), "3:23", "an amount in US dollars"],
  [
    "a mode as a number",
    withMock("tenants: { list: { a: { socket: { path: /s, mode: 0660 } } } }\n"),
    "3:51",
    "in quotes",
  ],
  ["a period nobody knows", withMock("budgets: [{ limit: 1, period: year }]\n"), "3:31", "month"],
  ["a provider without a type", "providers:\n  openai: { api_key: x }\n", "2:3", 'needs "type"'],
  ["a provider without its key", "providers:\n  a: { type: openai }\n", "2:3", 'providers.a needs "api_key"'],
  ["a provider that is a text", "providers:\n  openai: openai\n", "2:11", "expected a map, found text"],
  ["a name of digits", "providers:\n  1: { type: mock }\n", "2:3", "expected a name"],
  ["a name with a slash", "providers:\n  a/b: { type: mock }\n", "2:3", "expected a name"],
  ["a bad header name", mock('headers: { "x y": z }'), "4:16", "the name of an HTTP header"],
  ["an unknown capability", mock("models: { x: { supports: [tool] } }"), "4:31", '"tools"'],
  ["a target without a model", withMock("models:\n  a: { targets: [m] }\n"), "4:18", '"provider/model"'],
  ["a target of nobody", withMock("models:\n  a: { targets: [n/x] }\n"), "4:18", 'unknown provider "n"'],
  ["a target twice", withMock("models:\n  a: { targets: [m/x, m/x] }\n"), "4:23", 'duplicate target "m/x"'],
  ["an alias without targets", withMock("models:\n  a: { targets: [] }\n"), "4:17", "at least 1 entry"],
  [
    "a degrade alias of nobody",
    withMock('budgets:\n  - { limit: 1, period: day, on_exceeded: "degrade:cheap" }\n'),
    "4:43",
    'unknown alias "cheap"',
  ],
  [
    "a tenant's provider of nobody",
    withMock("tenants: { list: { a: { providers: { deny: [mm] } } } }\n"),
    "3:45",
    'unknown provider "mm"',
  ],
  [
    "a limit above the ceiling",
    withMock("timeouts: { completion: 20m }\n"),
    "3:25",
    "longer than timeouts.max",
  ],
  [
    "a listener without keys",
    withMock("daemon: { listen: 127.0.0.1:4100 }\n"),
    "3:19",
    "needs a tenant with a key",
  ],
  ["a variable that is missing", withMock(`daemon:\n  socket: /run/\${NOPE}\n`), "4:11", "the variable NOPE"],
  ["a missing variable in a number", mock(`priority: \${NOPE}`), "4:15", "the variable NOPE"],
  ["plain http to a stranger", openai("base_url: http://example.com"), "5:15", "plain http"],
  ["a private address", openai("base_url: https://10.0.0.1"), "5:15", "private address"],
  ["a metadata address", openai("base_url: http://169.254.169.254"), "5:15", "metadata address"],
  ["a password in an address", openai("base_url: https://u:p@example.com"), "5:15", "a password"],
  ["a relative plugin", withMock("plugins: [{ module: ./evil.js }]\n"), "3:21", "absolute path"],
];

describe("a bad file", () => {
  it("comes in at least forty kinds", () => expect(FILES.length).toBeGreaterThanOrEqual(40));

  it.each(FILES)("%s is refused where it stands", async (_name, text, at, words) => {
    const before = process.cpuUsage();
    const error = await errorOf(place.loadText(text, { K: "key" }));
    const { user } = process.cpuUsage(before);
    expect(error.code).toBe("config_invalid");
    expect(error.message).toContain(`providers.yaml:${at}: `);
    expect([error.message, ...(error.facts.reasons ?? [])].join("\n")).toContain(words);
    expect(user).toBeLessThan(1_000_000);
  });

  it("reads as the manual says", async () => {
    const text = `${"\n".repeat(10)}providers:\n  openai:\n    type: openai\n    api_kye: sk-x\n`;
    const error = await errorOf(place.loadText(text));
    expect(error.message).toBe('providers.yaml:14:5: unknown key "api_kye" in providers.openai');
    expect(error.facts.reasons?.[0]).toBe('did you mean "api_key"?');
    expect(error.facts.hint).toBe("riptide config validate providers.yaml");
  });

  it("never shows a value, which may be a secret", async () => {
    const canary = "sk-canary-0123456789";
    const texts = [
      openai(`enabled: ${canary}`),
      `providers:\n  openai: ${canary}\n`,
      `strategy: ${canary}\n`,
      `providers:\n  a: { type: ${canary} }\n`,
      `a: *${canary}\n`,
      `a: "${canary}\\q"\n`,
      openai(`base_url: http://${canary}@example.com/${canary}`),
      withMock(`timeouts: ${canary}\n`),
    ];
    for (const text of texts) {
      const error = await errorOf(place.loadText(text, { K: "k" }));
      expect(JSON.stringify([error.message, error.facts, error.stack])).not.toContain(canary);
    }
  });

  it("that is too large or not UTF-8 is refused before it is parsed", async () => {
    const large = await errorOf(place.loadText(`# ${"x".repeat(2 ** 20)}`));
    expect(large.message).toBe("providers.yaml: the file is larger than 1 MiB");
    const bytes = async () => new Uint8Array([0x61, 0xff]);
    const binary = await errorOf(place.load({}, { configFlag: "-", readStdin: bytes }));
    expect(binary.message).toBe("<stdin>: the file is not UTF-8 text");
  });

  it("lists further problems and stays within eight lines", async () => {
    const text = withMock("a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1\nh: 1\ni: 1\n");
    const { reasons = [] } = (await errorOf(place.loadText(text))).facts;
    expect(reasons).toHaveLength(6);
    expect(reasons[5]).toMatch(/^and \d+ more$/);
  });
});
