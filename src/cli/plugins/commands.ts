import type { Command } from "../command.ts";

/** `riptide plugins …` */
export const PLUGIN_COMMANDS: readonly Command[] = [
  {
    path: ["plugins", "list"],
    isGroupDefault: true,
    summary: "plugins of the configuration and the provider types they add",
    usage: "",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./list.ts")).list,
  },
  {
    path: ["plugins", "info"],
    summary: "one plugin, with what its types can do and take",
    usage: "NAME",
    flags: [],
    formats: ["json"],
    load: async () => (await import("./list.ts")).info,
  },
  {
    path: ["plugins", "verify"],
    summary: "load a plugin and run the contract suite against its adapters; no network",
    usage: "PATH",
    flags: [{ name: "all", text: "name the cases that passed, too" }],
    examples: ["riptide plugins verify ./riptide-provider-acme", "riptide plugins verify ./acme --json"],
    formats: ["json"],
    load: async () => (await import("./verify.ts")).run,
  },
  {
    path: ["plugins", "new"],
    summary: "write a provider plugin to begin with, which passes its own verify",
    usage: "NAME",
    flags: [],
    examples: ["riptide plugins new acme && riptide plugins verify ./acme"],
    formats: ["json"],
    load: async () => (await import("./new.ts")).run,
  },
];
