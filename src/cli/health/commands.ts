import type { Command } from "../command.ts";

export const HEALTH_COMMANDS: readonly Command[] = [
  {
    path: ["health"],
    summary: "look at the providers now, with free calls",
    usage: "[PROVIDER…]",
    flags: [
      {
        name: "level",
        value: "LEVEL",
        text: "how far to look: config, reach, auth or deep (auth)",
        group: "Look",
      },
      {
        name: "deep",
        notWith: ["level"],
        text: "--level deep: a billed completion of a few tokens too",
        group: "Look",
      },
      { name: "max-cost", value: "USD", text: "the most one deep probe may cost (1c)", group: "Look" },
      { name: "probe-timeout", value: "DURATION", text: "limit of each probe (2s)", group: "Look" },
      { name: "retries", value: "N", text: "further tries of a failed probe (0)", group: "Look" },
      {
        name: "watch",
        value: "DURATION",
        optional: true,
        notWith: ["deep"],
        text: "look again and again (every 5s) until Ctrl-C",
        group: "Look",
      },
      {
        name: "cached",
        notWith: ["level", "deep", "watch", "retries", "probe-timeout", "max-latency"],
        text: "what the daemon saw when it looked last; nothing is sent",
        group: "Look",
      },
      {
        name: "require",
        value: "A,B",
        notWith: ["min-healthy", "any"],
        text: "only these have to be usable",
        group: "Policy (every enabled provider is usable)",
      },
      {
        name: "min-healthy",
        value: "N",
        notWith: ["any"],
        text: "so many have to be usable",
        group: "Policy (every enabled provider is usable)",
      },
      {
        name: "any",
        text: "one usable provider is enough",
        group: "Policy (every enabled provider is usable)",
      },
      {
        name: "max-latency",
        value: "DURATION",
        text: "a provider that is slower is degraded",
        group: "Policy (every enabled provider is usable)",
      },
      {
        name: "fail-on",
        value: "STATE",
        words: ["degraded"],
        text: "degraded: exit 12 when not all is healthy",
        group: "Policy (every enabled provider is usable)",
      },
      {
        name: "reporter",
        value: "NAME",
        text: "text, json, junit, github, markdown or prometheus",
        group: "Output",
      },
      {
        name: "report",
        value: "NAME=PATH",
        many: true,
        text: "write a report to a file as well",
        group: "Output",
      },
    ],
    examples: [
      "riptide health",
      "riptide health openai --json",
      "riptide health --min-healthy 2 --report junit=health.xml",
    ],
    formats: ["json"],
    load: async () => (await import("./health.ts")).run,
  },
];
