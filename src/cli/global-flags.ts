import type { Flag } from "./flags.ts";

const WHEN = ["auto", "always", "never"];

/** Flags every command takes, before or after its name. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: "config", short: "C", value: "PATH", text: "providers.yaml to use; - reads it from stdin" },
  { name: "set", value: "a.b=VALUE", many: true, text: "set one value of the configuration for this call" },
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    text: "text (default), json, jsonl, csv or md, as the command allows",
  },
  { name: "json", text: "the same as -o json" },
  { name: "timeout", value: "DURATION", text: "deadline of the call, such as 800ms, 5s or 2m" },
  { name: "color", value: "WHEN", words: WHEN, text: "colour: auto, always or never (auto)" },
  { name: "ascii", text: "plain ASCII in place of symbols" },
  {
    name: "sanitize",
    value: "WHEN",
    words: WHEN,
    text: "remove control sequences from model text: auto (on a terminal), always or never",
  },
  { name: "quiet", short: "q", text: "no warnings or notes" },
  { name: "verbose", short: "v", text: "say more on stderr: failovers, providers found" },
  { name: "debug", text: "add stack traces to errors" },
  { name: "no-input", text: "never ask" },
  { name: "yes", short: "y", text: "confirm what would be asked" },
  { name: "help", short: "h", text: "show help" },
  { name: "version", short: "V", text: "show the version" },
  { name: "tenant", value: "NAME", text: "who the call is for (default)" },
  {
    name: "daemon",
    value: "WHEN",
    words: ["auto", "off", "require"],
    text: "auto (default): the daemon if it would do the same, else this process; require: exit 10 without it",
  },
  { name: "socket", value: "PATH", text: "the daemon's socket" },
  { name: "plain", notWith: ["json", "output"], text: "tables as tab-separated lines without a header" },
];
