import type { Flag } from "../flags.ts";

/** Flags under one heading of the help. */
const grouped = (group: string, flags: readonly Flag[]): readonly Flag[] =>
  flags.map((flag) => ({ ...flag, group }));

/** Flags that say where a request may go; `complete` and `embed` share them. */
export const ROUTE_FLAGS: readonly Flag[] = grouped("Route", [
  {
    name: "model",
    short: "m",
    value: "MODEL",
    text: "alias, PROVIDER/MODEL (only that one is asked) or a model's name",
  },
  { name: "provider", short: "P", value: "A,B", text: "only these providers, in this order" },
  { name: "exclude", value: "A,B", many: true, text: "not these providers" },
  { name: "fallback", value: "TARGET", many: true, text: "then try this PROVIDER/MODEL" },
  { name: "no-fallback", notWith: ["fallback"], text: "the first target only" },
  { name: "max-attempts", value: "N", text: "at most this many attempts" },
  {
    name: "idempotency-key",
    value: "KEY",
    text: "refuse a second request of this tenant with the same key within 10 minutes",
  },
  {
    name: "strategy",
    value: "NAME",
    words: ["sequential", "lowest-cost", "fastest-first", "round-robin", "health-based"],
    text: "order the targets by this, in place of the alias's own strategy",
  },
]);

/** Flags of what stdin is used for. */
export const STDIN_FLAGS: readonly Flag[] = grouped("Input", [
  { name: "stdin", value: "WHEN", text: "read stdin: auto, always or never (auto)" },
  { name: "stdin-timeout", value: "DURATION", text: "wait this long for the first byte (30s)" },
]);

const INPUT_FLAGS = grouped("Input", [
  { name: "file", short: "f", value: "PATH", many: true, text: "add a text file; - is stdin" },
  { name: "system", short: "s", value: "TEXT|@FILE", text: "system prompt" },
  {
    name: "attach",
    short: "a",
    value: "PATH|URL",
    many: true,
    text: "add an image: PNG, JPEG, WebP or GIF",
  },
  { name: "tools", value: "FILE", text: "JSON file of functions the model may call" },
  { name: "tool-choice", value: "CHOICE", text: "auto, none, required or a function's name" },
  { name: "messages", value: "FILE", text: "", later: "conversations" },
]);

const MODEL_FLAGS = grouped("Model", [
  { name: "max-tokens", value: "N", text: "limit of the answer" },
  { name: "temperature", value: "X", text: "0 to 2" },
  { name: "top-p", value: "X", text: "0 to 1" },
  { name: "stop", value: "TEXT", many: true, text: "stop before this text" },
  { name: "seed", value: "N", text: "for repeatable answers, where supported" },
  {
    name: "effort",
    value: "LEVEL",
    text: "how much to reason: none, minimal, low, medium, high, xhigh or max",
  },
  {
    name: "option",
    value: "K=V",
    many: true,
    text: "a field of the vendor's own API; V may be JSON, dots in K nest",
  },
  { name: "strict-params", text: "refuse what the model cannot take instead of leaving it out" },
]);

const OUTPUT_FLAGS = grouped("Output", [
  { name: "no-stream", text: "print the answer when it is whole" },
  { name: "schema", value: "FILE|JSON", text: "answer with JSON that is valid against this schema" },
  { name: "require-complete", text: "an answer cut by its length limit fails (exit 13)" },
  { name: "out", short: "O", value: "FILE", text: "write the answer to a file, whole or not at all" },
  { name: "keep-partial", needs: "out", text: "with -O: keep what came of an answer that failed" },
  { name: "raw", text: "no final newline" },
  { name: "usage", short: "u", text: "say on stderr what was used" },
  { name: "show-reasoning", text: "print the model's reasoning on stderr" },
  {
    name: "stream-recovery",
    value: "WHAT",
    words: ["continue", "off"],
    text: "an answer that breaks off: another target goes on with it (continue), or it ends there (off)",
  },
  { name: "extract", short: "x", text: "", later: "code extraction" },
]);

const PLAN_FLAGS = grouped("Plan (nothing is sent)", [
  { name: "estimate", notWith: ["dry-run", "as"], text: "print the tokens and the money this would take" },
  { name: "dry-run", text: "print the request and its route" },
  {
    name: "as",
    value: "curl",
    words: ["curl"],
    notWith: ["json", "output"],
    text: "print the request as a curl command",
  },
]);

/** Flags of what a call may cost; `complete` and `embed` share them. */
export const MONEY_FLAGS: readonly Flag[] = grouped("Money", [
  { name: "max-cost", value: "USD", text: "refuse what may cost more, such as 0.05, $0.05 or 5c" },
  { name: "tag", value: "NAME=VALUE", many: true, text: "label it for reports: riptide costs --by tag:NAME" },
]);

const CONFIRM_FLAG = grouped("Money", [
  { name: "confirm-above", value: "USD", text: "ask before sending what may cost more (-y confirms)" },
]);

export const COMPLETE_FLAGS: readonly Flag[] = [
  ...INPUT_FLAGS,
  ...STDIN_FLAGS,
  ...ROUTE_FLAGS,
  ...MODEL_FLAGS,
  ...OUTPUT_FLAGS,
  ...MONEY_FLAGS,
  ...CONFIRM_FLAG,
  ...PLAN_FLAGS,
];
