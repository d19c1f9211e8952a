import { readEnvironment } from "../config/environment.ts";
import { systemClock } from "../core/clock.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { createRedactor } from "../wire/redact.ts";
import type { Command, Format } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { findCommand } from "./find-command.ts";
import { type Given, parseFlags } from "./flags.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";
import { onInterrupt } from "./interrupt.ts";
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
    process.stdout.on("error", () => {}).write(`riptide ${VERSION}\n`);
    return 0;
  }
  const io = createIo(process);
  try {
    const exit = await run(argv, io);
    await io.stdout.finish();
    return exit;
  } catch (thrown) {
    const options = { asJson: wantsJson(argv, io), debug: argv.includes("--debug") };
    return await reportError(io, asRiptideError(thrown), options).catch(
      (error) => asRiptideError(error).exit,
    );
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
  const work = await command.load();
  return await work({ io, given, format: formatOf(given, command, io), commands: COMMANDS });
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

function wantsJson(argv: readonly string[], io: Io): boolean {
  const words = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const output = words.findIndex((word) => word === "-o" || word === "--output");
  const named = output >= 0 ? words[output + 1] : words.find((word) => /^(-o|--output)=?json/.test(word));
  if (words.includes("--json") || named?.endsWith("json")) return true;
  return named === undefined && io.environment.flags.output === "json";
}

function createIo(process: NodeJS.Process): Io {
  const controller = new AbortController();
  onInterrupt(process, (reason) => controller.abort(reason));
  let readerGone = false;
  const redactor = createRedactor();
  const stderr = createSink(process.stderr, () => {});
  return {
    // Touching the stream opens it, which a call without input need not pay for.
    get stdin() {
      return process.stdin;
    },
    stdout: createSink(process.stdout, () => {
      readerGone = true;
      controller.abort(new RiptideError("cancelled", "the reader of stdout has gone", { exit: 0 }));
    }),
    readerGone: () => readerGone,
    stderr: { ...stderr, write: (text) => stderr.write(redactor.redact(text)).catch(() => {}) },
    environment: readEnvironment(),
    cwd: process.cwd(),
    clock: systemClock,
    redactor,
    version: VERSION,
    nodeVersion: process.versions.node,
    signal: controller.signal,
  };
}
