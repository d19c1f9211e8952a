import type { Command } from "../command.ts";
import type { Flag } from "../flags.ts";

export const RANGE_FLAGS: readonly Flag[] = [
  {
    name: "since",
    value: "TIME",
    text: "from here: 2026-11-01, a time with its zone, 7d (ago), today, week or month (this month)",
    group: "Range",
  },
  {
    name: "until",
    value: "TIME",
    text: "up to here, exclusive (now); a report takes whole quarter hours",
    group: "Range",
  },
  {
    name: "tz",
    value: "ZONE",
    text: "zone in which days are cut: Europe/Berlin or +05:30 (UTC)",
    group: "Range",
  },
];

const INCLUDE: Flag = {
  name: "include",
  value: "A,B",
  text: "count more: probe (health probes); failed requests always count",
};

export const COSTS_COMMANDS: readonly Command[] = [
  {
    path: ["costs", "report"],
    isGroupDefault: true,
    summary: "what was spent, by tenant, model, day and more",
    usage: "",
    flags: [
      ...RANGE_FLAGS,
      {
        name: "by",
        value: "A,B,C",
        text: "up to three of provider, model, alias, tenant, outcome, tag:KEY, hour, day, week, month (tenant,model)",
        group: "Rows",
      },
      {
        name: "sort",
        value: "FIELD",
        text: "a column of the rows, such as requests or tenant (cost)",
        group: "Rows",
      },
      { name: "top", value: "N", text: "only the first N rows", group: "Rows" },
      { ...INCLUDE, group: "Rows" },
      {
        name: "compare",
        value: "RANGE",
        words: ["previous"],
        text: "previous: the change against the range before, of equal length",
        group: "Rows",
      },
      {
        name: "unreconciled",
        text: "list the requests whose process died, which count as what they had reserved",
        group: "Rows",
      },
      {
        name: "reprice",
        text: "beside what was booked, what the same tokens cost at today's prices",
        group: "Rows",
      },
      { name: "strict-prices", text: "fail when a request has no price", group: "Rows" },
      {
        name: "html",
        value: "FILE",
        text: "write a page with charts, budgets, performance and findings, and print its name",
        group: "Rows",
      },
    ],
    examples: [
      "riptide costs --since 7d --by model",
      "riptide costs --tenant acme --by day --tz Europe/Berlin -o csv",
      "riptide costs --since 30d --compare previous --json",
      "riptide costs --since 30d --by model --reprice",
      "riptide costs report --since 30d --html report.html",
    ],
    formats: ["json", "csv", "md"],
    load: async () => (await import("./report.ts")).run,
  },
  {
    path: ["costs", "check"],
    summary: "whether spending stays within a budget, as an exit code: 0, 12 near it, 8 at or over it",
    usage: "",
    flags: [
      { name: "max", value: "USD", text: "the amount to stay under (the configured budgets)" },
      {
        name: "period",
        value: "PERIOD",
        words: ["hour", "day", "week", "month"],
        text: "hour, day, week or month (month)",
      },
      { name: "warn", value: "SHARE", text: "part of the amount from which on it is near, 0 to 1 (0.8)" },
      { name: "forecast", text: "by what the period will have cost at its end, once 3 whole days are known" },
    ],
    examples: [
      "riptide costs check --tenant acme",
      "riptide costs check --max 20 --period day",
      "riptide costs check --forecast",
    ],
    formats: ["json"],
    load: async () => (await import("./check.ts")).run,
  },
  {
    path: ["costs", "forecast"],
    summary: "what a period and its budgets will have cost at the end, from the spending per day so far",
    usage: "",
    flags: [
      {
        name: "horizon",
        value: "PERIOD",
        words: ["hour", "day", "week", "month"],
        text: "to the end of this hour, day, week or month, in UTC (month)",
      },
      { name: "interval", value: "SHARE", text: "likelihood of what lies between low and high (0.8)" },
      { name: "since", value: "TIME", text: "days before are not looked at (the last 8 weeks)" },
    ],
    examples: ["riptide costs forecast --tenant acme", "riptide costs forecast --horizon week --json"],
    formats: ["json"],
    load: async () => (await import("./forecast.ts")).run,
  },
  {
    path: ["costs", "insights"],
    summary: "what could cost less or go better, each with its figures and the change that would act on it",
    usage: "",
    flags: [...RANGE_FLAGS],
    examples: ["riptide costs insights --since 30d", "riptide costs insights --tenant acme --json"],
    formats: ["json"],
    load: async () => (await import("./insights.ts")).run,
  },
  {
    path: ["costs", "top"],
    summary: "the requests that cost most",
    usage: "",
    flags: [
      ...RANGE_FLAGS,
      { name: "number", short: "n", value: "N", text: "how many (10)", group: "Rows" },
      { ...INCLUDE, group: "Rows" },
    ],
    examples: ["riptide costs top -n 5 --since today"],
    formats: ["json"],
    load: async () => (await import("./top.ts")).run,
  },
  {
    path: ["costs", "export"],
    summary: "requests or attempts one by one, as csv (default), jsonl, or csv with the columns of FOCUS",
    usage: "",
    flags: [
      ...RANGE_FLAGS,
      {
        name: "kind",
        value: "KIND",
        words: ["operations", "attempts"],
        text: "operations (requests) or attempts (operations; attempts with -o focus)",
        group: "Rows",
      },
      { ...INCLUDE, group: "Rows" },
    ],
    examples: [
      "riptide costs export --since month -o focus > focus.csv",
      "riptide costs export --kind attempts -o jsonl | jq .cost_usd",
    ],
    formats: ["csv", "jsonl", "focus"],
    load: async () => (await import("./export.ts")).run,
  },
];
