import type { Command } from "./command.ts";
import { RANGE_FLAGS } from "./costs/commands.ts";

export const STATS_COMMAND: Command = {
  path: ["stats"],
  summary: "how providers and models did: success, latency, errors, uptime and the targets promised of them",
  usage: "",
  flags: [
    ...RANGE_FLAGS,
    {
      name: "by",
      value: "A,B",
      text: "rows for each of provider, model, alias, tenant (provider,model); success and times are those of attempts under provider or model, else of whole requests",
      group: "Rows",
    },
  ],
  examples: ["riptide stats --since 7d", "riptide stats --by alias,tenant --since today --json"],
  formats: ["json"],
  load: async () => (await import("./stats.ts")).run,
};
