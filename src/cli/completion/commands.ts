import type { Command } from "../command.ts";

export const COMPLETION_COMMANDS: readonly Command[] = [
  {
    path: ["completion"],
    summary: "print the completion script of a shell",
    usage: "bash|zsh|fish",
    flags: [],
    examples: [
      "riptide completion bash > ~/.local/share/bash-completion/completions/riptide",
      "source <(riptide completion zsh)",
      "riptide completion fish > ~/.config/fish/completions/riptide.fish",
    ],
    formats: [],
    load: async () => (await import("./script.ts")).run,
  },
  {
    path: ["__complete"],
    isHidden: true,
    summary: "what may stand in place of the last word; the scripts ask it",
    usage: "[WORD…]",
    flags: [],
    formats: [],
    load: async () => (await import("./complete-words.ts")).run,
  },
];
