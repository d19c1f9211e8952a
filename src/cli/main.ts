import { readEnvironment } from "../config/environment.ts";
import { systemClock } from "../core/clock.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { createRedactor } from "../wire/redact.ts";
import type { Command, Format } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { findCommand } from "./find-command.ts";
import { type Given, parseFlags } from "./flags.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";
import { onCrash, onInterrupt } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { reportError } from "./report.ts";
import { createSink } from "./sink.ts";
import { VERSION } from "./version.ts";

/**
 * Runs one command line. Resolves to the exit code once everything was written; nothing is thrown.
 * @param argv The words after the program's name.
 */
export async function main(argv: readonly string[], process: NodeJS.Process): Promise<number> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    const fail = ({ code }: NodeJS.ErrnoException) => {
      if (code !== "EPIPE") process.exitCode = 1;
    };
    process.stdout.on("error", fail).write(`riptide ${VERSION}\n`);
    return 0;
  }
  const io = createIo(process);
  const report = (thrown: unknown) => reportFailure(argv, io, thrown);
  onCrash(process, report);
  try {
    const exit = await run(argv, io);
    // A failed write of a result is a failure by itself; one of an error adds nothing.
    if (exit === 0) await io.stdout.finish();
    return exit;
  } catch (thrown) {
    return await report(thrown);
  }
}

async function reportFailure(argv: readonly string[], io: Io, thrown: unknown): Promise<number> {
  const command = commandOf(argv);
  const options = {
    format: formatAsked(argv, command, io),
    debug: argv.includes("--debug"),
    operation: { command: command?.path.join(" "), config: valueAsked(flagWords(argv), CONFIG) },
  };
  try {
    return await reportError(io, asRiptideError(thrown), options);
  } catch (error) {
    const { code, message, exit } = asRiptideError(error);
    await io.stderr.write(`error[${code}]: ${message}\n`);
    return exit;
  }
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  const found = findCommand(argv, COMMANDS, GLOBAL_FLAGS);
  if (!found.command) {
    const { groupHelp } = await import("./help.ts");
    return groupHelp(found, COMMANDS, io);
  }
  const { command } = found;
  const given = parseFlags([...GLOBAL_FLAGS, ...command.flags], found.rest);
  if (given.has("version")) {
    await io.stdout.write(`riptide ${VERSION}\n`);
    return 0;
  }
  if (given.has("help")) {
    const { commandHelp } = await import("./help.ts");
    await io.stdout.write(commandHelp(command));
    return 0;
  }
  refuseExtra(command, given);
  const work = await command.load();
  return await work({ io, given, format: formatOf(given, command, io), commands: COMMANDS });
}

/** What a command would not look at is a mistake, not decoration. */
function refuseExtra({ path, usage }: Command, { words }: Given): void {
  const most = usage === "" ? 0 : usage.includes("…") ? Number.POSITIVE_INFINITY : 1;
  if (words.length <= most) return;
  throw new RiptideError("usage", `${path.join(" ")} does not take the argument "${words[most]}"`);
}

function formatOf(given: Given, command: Command, io: Io): Format {
  const asked = given.has("json") ? "json" : given.value("output");
  const formats: readonly Format[] = ["text", ...command.formats];
  const known = formats.find((format) => format === asked);
  if (known) return known;
  if (asked === undefined) return formats.find((format) => format === io.environment.flags.output) ?? "text";
  throw new RiptideError("usage", `${command.path.join(" ")} cannot print ${asked}`, {
    reasons: [`it prints ${formats.join(", ")}`],
  });
}

/** The command a failed call meant, as far as it can be made out. */
function commandOf(argv: readonly string[]): Command | undefined {
  try {
    return findCommand(argv, COMMANDS, GLOBAL_FLAGS).command;
  } catch {
    return undefined;
  }
}

/** The format an error is told in: the arguments may be what is wrong, so they are looked at, not parsed. */
function formatAsked(argv: readonly string[], command: Command | undefined, { environment }: Io): Format {
  const words = flagWords(argv);
  if (words.includes("--json")) return "json";
  const asked = valueAsked(words, OUTPUT) ?? environment.flags.output;
  const isUnknown = asked === "jsonl" && command?.formats.includes(asked) === false;
  return asked === "json" || (asked === "jsonl" && !isUnknown) ? asked : "text";
}

const OUTPUT = /^(?:-o=?|--output(?:=|$))(.*)$/s;
const CONFIG = /^(?:-C=?|--config(?:=|$))(.*)$/s;

/** The words among which flags may stand. */
const flagWords = (argv: readonly string[]) =>
  argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;

/** What stands behind a flag, attached to it or as the next word. */
function valueAsked(words: readonly string[], flag: RegExp): string | undefined {
  const at = words.findIndex((word) => flag.test(word));
  return at < 0 ? undefined : flag.exec(words[at] ?? "")?.[1] || words[at + 1];
}

function createIo(process: NodeJS.Process): Io {
  const controller = new AbortController();
  onInterrupt(process, (reason) => controller.abort(reason));
  let readerGone = false;
  let writeFailure: RiptideError | undefined;
  const redactor = createRedactor();
  const environment = readEnvironment();
  if (environment.tenantKey) redactor.add(environment.tenantKey);
  const stderr = createSink(process.stderr, () => {});
  return {
    // Touching the stream opens it, which a call without input need not pay for.
    get stdin() {
      return process.stdin;
    },
    stdout: createSink(process.stdout, (failure) => {
      readerGone = failure === undefined;
      writeFailure = failure;
      controller.abort(
        failure ?? new RiptideError("cancelled", "the reader of stdout has gone", { exit: 0 }),
      );
    }),
    get terminal() {
      return process.stdout;
    },
    // The whole job: a launcher in front of this process waits for it, and the shell for both.
    suspend: () => void process.kill(0, "SIGTSTP"),
    readerGone: () => readerGone,
    writeFailure: () => writeFailure,
    stderr: { ...stderr, write: (text) => stderr.write(redactor.redact(text)).catch(() => {}) },
    environment,
    cwd: process.cwd(),
    clock: systemClock,
    redactor,
    version: VERSION,
    nodeVersion: process.versions.node,
    signal: controller.signal,
  };
}
