import type { Command } from "../command.ts";

export const DOCTOR_COMMANDS: readonly Command[] = [
  {
    path: ["doctor"],
    summary: "check the set-up and say what to do about what is wrong",
    usage: "",
    flags: [
      {
        name: "only",
        value: "A,B",
        text: "of runtime, config, secrets, daemon, network and permissions, these",
      },
      { name: "offline", text: "send nothing: leave the network out" },
      { name: "fail-on", value: "warn", words: ["warn"], text: "exit 12 for warnings, too" },
    ],
    examples: ["riptide doctor --offline", "riptide doctor --only config,secrets --json"],
    formats: ["json"],
    load: async () => (await import("./doctor.ts")).run,
  },
];
