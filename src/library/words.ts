/** What the flags of the command line are called where a program says them. */
const MEMBERS: Readonly<Record<string, string>> = {
  "max-tokens": "maxTokens",
  "max-cost": "maxCostUsd",
  fallback: "fallback",
  by: "by",
  since: "since",
  until: "until",
  tz: "tz",
};
const FLAG = new RegExp(`(?<![\\w-])--(${Object.keys(MEMBERS).join("|")})(?![\\w-])`, "g");

/** A message or hint in a program's words: what it says of flags is said of the members of its objects. */
export const inProgram = (text: string): string =>
  text
    .replace(/riptide complete -m (\S+) …/g, 'model: "$1"')
    .replace(/riptide costs (?=--)/g, "")
    .replace(FLAG, (flag, name: string) => MEMBERS[name] ?? flag);
