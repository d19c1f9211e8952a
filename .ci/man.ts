import { COMMANDS } from "../src/cli/commands.ts";
import type { Flag } from "../src/cli/flags.ts";
import { GLOBAL_FLAGS } from "../src/cli/global-flags.ts";
import { TOPICS } from "../src/cli/help-topics.ts";

/** The manual page, by what the program knows of itself (man(7)). */
export const manPage = (version: string): string =>
  [
    `.TH RIPTIDE 1 "" "riptide ${version}" "RipTide"`,
    ".SH NAME",
    "riptide \\- one dependable, budgeted command line for several providers of language models",
    ".SH SYNOPSIS",
    ".B riptide",
    "[\\fIflags\\fR] \\fICOMMAND\\fR [\\fIarguments\\fR]",
    ".SH COMMANDS",
    ...COMMANDS.filter(({ isHidden }) => isHidden !== true).flatMap(commandLines),
    ".SH FLAGS OF EVERY COMMAND",
    ...flagLines(GLOBAL_FLAGS),
    ...TOPICS.flatMap(({ name, text }) => [
      `.SH ${roff(name).replaceAll("\\-", " ").toUpperCase()}`,
      ".nf",
      roff(text()),
      ".fi",
    ]),
    "",
  ].join("\n");

function commandLines({ path, usage, summary, flags, examples = [] }: (typeof COMMANDS)[number]) {
  const shown = examples.length === 0 ? [] : [".PP", ".nf", ...examples.map(roff), ".fi"];
  return [
    `.SS ${roff(["riptide", ...path, usage].join(" ").trim())}`,
    roff(summary),
    ...flagLines(flags),
    ...shown,
  ];
}

const flagLines = (flags: readonly Flag[]): readonly string[] =>
  flags
    .filter(({ later }) => later === undefined)
    .flatMap(({ name, short, value, text }) => {
      const names = [...(short ? [`-${short}`] : []), `--${name}`].map((each) => `\\fB${roff(each)}\\fR`);
      return [".TP", `${names.join(", ")}${value ? ` \\fI${roff(value)}\\fR` : ""}`, roff(text)];
    });

/**
 * A line that begins with a dot or an apostrophe would be a request, a bare hyphen is no minus, and terminals without
 * Unicode have no ellipsis.
 */
const roff = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("…", "...")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/gm, "\\&");
