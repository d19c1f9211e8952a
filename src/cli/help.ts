import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Command, Run } from "./command.ts";
import type { FoundCommand } from "./find-command.ts";
import type { Flag } from "./flags.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";
import { flagSections, sectionsText, wrapped } from "./help-layout.ts";
import { TOPICS } from "./help-topics.ts";
import type { Io } from "./io.ts";
import { printDocument } from "./print.ts";

const INTRO =
  "One dependable command line for OpenAI, Anthropic, Azure OpenAI, AWS Bedrock, Google Vertex AI and Ollama.";

/** Works as they stand, the first without any key. */
const EXAMPLES = [
  'riptide complete "hello" -m mock/mock-small',
  'git diff --staged | riptide complete "Write a commit subject"',
  "riptide help complete",
];

/** `riptide help [COMMAND|TOPIC]` */
export const run: Run = async (call) => {
  const { io, given, format, commands } = call;
  const name = given.words.join(" ");
  const topic = TOPICS.find((candidate) => candidate.name === name);
  if (topic && format === "json") await printDocument(call, topic.document());
  else if (topic) await io.stdout.write(topic.text());
  else if (format === "json") await printDocument(call, helpDocument(commandsNamed(name, commands)));
  else await io.stdout.write(helpOn(name, commands));
  return 0;
};

function helpOn(name: string, commands: readonly Command[]): string {
  if (name === "") return programHelp(commands);
  const [command] = commandsNamed(name, commands);
  const isGroup = command?.path.length === 2 && command.path[0] === name;
  return command && !isGroup ? commandHelp(command) : groupHelpText(name, commands);
}

/** The command of that name, or all of a group; every one for no name. @throws RiptideError `usage` */
function commandsNamed(name: string, commands: readonly Command[]): readonly Command[] {
  const found = shown(commands).filter(
    ({ path, aliases }) =>
      name === "" || path.join(" ") === name || path[0] === name || aliases?.includes(name),
  );
  if (found.length > 0) return found;
  const known = [...shown(commands).map(({ path }) => path.join(" ")), ...TOPICS.map((topic) => topic.name)];
  const near = nearest(name, known);
  throw new RiptideError("usage", `no help on "${name}"`, {
    reasons: near ? [`did you mean "${near}"?`] : [],
    hint: "riptide help",
  });
}

/** Help for a call that named no command: asked for it goes to stdout, else to stderr with exit 2. */
export async function groupHelp(
  { words, rest }: FoundCommand,
  commands: readonly Command[],
  io: Io,
): Promise<number> {
  const text = words[0] ? groupHelpText(words[0], commands) : programHelp(commands);
  const asked = rest.includes("--help") || rest.includes("-h");
  await (asked ? io.stdout : io.stderr).write(text);
  return asked ? 0 : 2;
}

/** The help text of one command. */
export function commandHelp({
  path,
  aliases,
  usage,
  summary,
  flags,
  formats,
  examples = [],
}: Command): string {
  const also = aliases ? `Alias: ${aliases.map((alias) => `riptide ${alias}`).join(", ")}\n` : "";
  const output = formats.length > 0 ? `Output formats (-o): text, ${formats.join(", ")}.\n` : "";
  return [
    `Usage: ${`riptide ${path.join(" ")} [flags] ${usage}`.trim()}\n${also}\n${wrapped(sentence(summary))}\n`,
    sectionsText(flagSections(flags)),
    examplesText(examples),
    `\n${output}${wrapped("Flags of every command, such as -C, --set, --timeout and --json: riptide help")}\n`,
  ].join("");
}

function groupHelpText(group: string, commands: readonly Command[]): string {
  const verbs = commands.filter(({ path: [first] }) => first === group);
  const rows = verbs.map(
    ({ path: [, verb], usage, summary }) => [`${verb} ${usage}`.trim(), summary] as const,
  );
  const byDefault = verbs.find(({ isGroupDefault }) => isGroupDefault);
  const alone = byDefault ? `\nWithout a verb: ${byDefault.path.join(" ")}.` : "";
  return `Usage: riptide ${group} VERB [flags]\n${sectionsText([{ title: "Verbs", rows }])}${alone}\nHelp on one: riptide help ${group} VERB\n`;
}

const shown = (commands: readonly Command[]) => commands.filter(({ isHidden }) => isHidden !== true);

function programHelp(commands: readonly Command[]): string {
  const rows = shown(commands).map(
    ({ path, aliases = [], summary }) => [[path.join(" "), ...aliases].join(", "), summary] as const,
  );
  const topics = TOPICS.map(({ name, summary }) => [name, summary] as const);
  return [
    `${wrapped(INTRO)}\n\nUsage: riptide [flags] COMMAND [arguments]\n`,
    sectionsText([
      { title: "Commands", rows },
      ...flagSections(GLOBAL_FLAGS, "Flags of every command (before or after its name)"),
      { title: "Topics (riptide help TOPIC)", rows: topics },
    ]),
    examplesText(EXAMPLES),
  ].join("");
}

const examplesText = (examples: readonly string[]): string =>
  examples.length === 0 ? "" : `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function helpDocument(commands: readonly Command[]) {
  return {
    schema: "riptide.help/1",
    commands: commands.map(({ path, aliases = [], usage, summary, formats, flags }) => ({
      name: path.join(" "),
      aliases,
      usage,
      summary,
      formats: ["text", ...formats],
      flags: flagDocuments(flags),
    })),
    global_flags: flagDocuments(GLOBAL_FLAGS),
  };
}

const flagDocuments = (flags: readonly Flag[]) =>
  flags
    .filter(({ later }) => later === undefined)
    .map(({ name, short = null, value = null, many = false, text }) => ({
      name,
      short,
      value,
      repeatable: many,
      text,
    }));
