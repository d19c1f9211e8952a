import { Option, Command as Program } from "commander";
import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Command, Run } from "./command.ts";
import type { FoundCommand } from "./find-command.ts";
import type { Flag } from "./flags.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";
import { TOPICS } from "./help-topics.ts";
import type { Io } from "./io.ts";
import { printDocument } from "./print.ts";

const INTRO =
  "One dependable command line for OpenAI, Anthropic, Azure OpenAI, AWS Bedrock, Google Vertex AI and Ollama.";

/** `riptide help [COMMAND|TOPIC]` */
export const run: Run = async (call) => {
  const { io, given, format } = call;
  const name = given.words.join(" ");
  const topic = TOPICS.find((candidate) => candidate.name === name);
  if (topic && format === "json") await printDocument(call, topic.document());
  else if (topic) await io.stdout.write(topic.text());
  else await io.stdout.write(helpOn(name, call.commands));
  return 0;
};

function helpOn(name: string, commands: readonly Command[]): string {
  if (name === "") return programHelp(commands);
  const command = commands.find(({ path, aliases }) => path.join(" ") === name || aliases?.includes(name));
  if (command) return commandHelp(command);
  if (commands.some(({ path }) => path[0] === name)) return groupText(name, commands);
  const known = [...commands.map(({ path }) => path.join(" ")), ...TOPICS.map((topic) => topic.name)];
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
  const text = words[0] ? groupText(words[0], commands) : programHelp(commands);
  const asked = rest.includes("--help") || rest.includes("-h");
  await (asked ? io.stdout : io.stderr).write(text);
  return asked ? 0 : 2;
}

/** The help text of one command. */
export function commandHelp(command: Command): string {
  const program = node(command.path.join(" "), command.summary)
    .usage(`[flags] ${command.usage}`.trim())
    .helpOption(false);
  for (const flag of shown(command.flags)) program.addOption(option(flag));
  const formats = command.formats.length > 0 ? `Output (-o): text, ${command.formats.join(", ")}\n` : "";
  return `${titled(program)}\n${formats}Flags of every command: riptide help\n`;
}

function groupText(group: string, commands: readonly Command[]): string {
  const program = node(group, "").usage("VERB [flags]").helpOption(false);
  for (const { path, summary, usage } of commands.filter(({ path: [first] }) => first === group)) {
    program.addCommand(node(`${path[1]} ${usage}`.trim(), summary));
  }
  return titled(program);
}

function programHelp(commands: readonly Command[]): string {
  const program = node("riptide", INTRO)
    .usage("[flags] COMMAND [arguments]")
    .helpOption(false)
    .helpCommand(false);
  for (const flag of shown(GLOBAL_FLAGS)) program.addOption(option(flag));
  for (const { path, summary } of commands) program.addCommand(node(path.join(" "), summary));
  const topics = TOPICS.map(({ name, summary }) => `  ${name.padEnd(14)} ${summary}`).join("\n");
  return `${titled(program)}\nTopics (riptide help TOPIC):\n${topics}\n`;
}

const node = (name: string, summary: string) => {
  const program = new Program(name).description(summary);
  return program.configureHelp({
    commandUsage: (command) =>
      `riptide ${command === program && name !== "riptide" ? `${name} ` : ""}${command.usage()}`,
    subcommandTerm: (command) => command.name(),
  });
};

const titled = (program: Program): string => program.helpInformation();

/** A flag that only says that it comes later is no help. */
const shown = (flags: readonly Flag[]) => flags.filter(({ later }) => later === undefined);

function option({ name, short, value, text, many }: Flag): Option {
  const long = `--${name}${value ? ` <${value}>` : ""}`;
  return new Option(short ? `-${short}, ${long}` : long, many ? `${text} (repeatable)` : text);
}
