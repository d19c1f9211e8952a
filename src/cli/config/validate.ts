import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { locateConfig } from "../../config/locate.ts";
import { type Problem, problemText } from "../../config/problems.ts";
import { LEVELS, validateConfig } from "../../config/validate.ts";
import { RiptideError } from "../../core/errors.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Call, Run } from "../command.ts";
import { printDocument } from "../print.ts";
import { configOnly, readAll } from "../session.ts";
import { wordOf } from "../values.ts";

const REPORTERS = ["text", "json", "github"] as const;

interface Source {
  readonly text: string;
  /** As problems name it. */
  readonly shown: string;
  readonly path: string | null;
}

/** `riptide config validate`: every problem of a file, without using it. */
export const run: Run = async (call) => {
  const { io, given } = call;
  const reporter = wordOf(given, "reporter", REPORTERS) ?? (call.format === "json" ? "json" : "text");
  const source = await readSource(call);
  const problems = await validateConfig(source.text, {
    level: wordOf(given, "level", LEVELS) ?? "schema",
    registry: createRegistry(),
    environment: io.environment,
    clock: io.clock,
    onSecret: io.redactor.add,
    provision: async (config, id) => void (await configOnly(config, io).provider(id)),
  });
  const fatal = problems.filter(({ severity }) => severity === "error" || given.has("strict"));
  const valid = fatal.length === 0;
  if (reporter === "json")
    await printDocument(call, { schema: "riptide.config_check/1", valid, path: source.path, problems });
  else await io.stdout.write(io.redactor.redact(reportText(reporter, problems, source)));
  return valid ? 0 : 3;
};

function reportText(reporter: "text" | "github", problems: readonly Problem[], { shown }: Source): string {
  if (reporter === "github") return problems.map((problem) => annotation(problem, shown)).join("");
  if (problems.length === 0) return `${shown}: valid\n`;
  return problems.map((problem) => `${problem.severity}: ${problemText(problem, shown)}\n`).join("");
}

/** A workflow command of GitHub Actions: percent signs and line ends are escaped. */
function annotation(problem: Problem, file: string): string {
  const text = [problem.message, problem.suggestion].filter(Boolean).join("; ");
  const escaped = text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  return `::${problem.severity} file=${file},line=${problem.line ?? 1},col=${problem.column ?? 1}::${escaped}\n`;
}

async function readSource({ io, given }: Call): Promise<Source> {
  const [word] = given.words;
  const located =
    word === undefined ? await locateConfig(given.value("config"), io.environment, io.cwd) : undefined;
  if (word === "-" || located?.kind === "stdin") {
    return { text: (await readAll(io.stdin)).toString("utf8"), shown: "<stdin>", path: null };
  }
  const shown = word ?? (located?.kind === "file" ? located.shown : undefined);
  if (shown === undefined) {
    throw new RiptideError("config_not_found", "no configuration file to check", {
      hint: "riptide config validate FILE",
    });
  }
  const path = located?.kind === "file" ? located.path : resolve(io.cwd, shown);
  try {
    return { text: await readFile(path, "utf8"), shown, path };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RiptideError("config_not_found", `cannot read ${shown}: ${said}`, { cause });
  }
}
