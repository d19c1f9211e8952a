import { dirname, resolve } from "node:path";
import { type Located, locateConfig } from "../../config/locate.ts";
import { parseSets } from "../../config/override.ts";
import { readPipe } from "../../config/pipe.ts";
import { type Problem, problemText } from "../../config/problems.ts";
import { decodeText, readSource } from "../../config/source.ts";
import { LEVELS, validateConfig } from "../../config/validate.ts";
import { RiptideError } from "../../core/errors.ts";
import { sanitise } from "../../output/sanitise.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Call, Run } from "../command.ts";
import { pluginsFor } from "../configured.ts";
import { printDocument } from "../print.ts";
import { generationOf } from "../session.ts";
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
  const { io, given, format } = call;
  const reporter = wordOf(given, "reporter", REPORTERS) ?? (format === "json" ? "json" : "text");
  const level = wordOf(given, "level", LEVELS) ?? "schema";
  const source = await sourceOf(call);
  const problems = await validateConfig(source.text, {
    level,
    registry: createRegistry(),
    loadPlugins: pluginsFor(io),
    ...(source.path !== null && { folder: dirname(source.path) }),
    environment: io.environment,
    overrides: [...io.environment.overrides, ...parseSets(given.values("set"))],
    clock: io.clock,
    onSecret: io.redactor.add,
    async provision(config, id, registry) {
      const placeOf = () => undefined;
      await generationOf({ config, placeOf, registry }, io).provider(id);
    },
  });
  const fatal = problems.filter(({ severity }) => severity === "error" || given.has("strict"));
  const valid = fatal.length === 0;
  if (reporter === "json")
    await printDocument(call, { schema: "riptide.config_check/1", valid, path: source.path, problems });
  else await io.stdout.write(io.redactor.redact(reportText(reporter, problems, source)));
  return valid ? 0 : 3;
};

function reportText(reporter: "text" | "github", problems: readonly Problem[], source: Source): string {
  if (reporter === "github") return problems.map((problem) => annotation(problem, source)).join("");
  if (problems.length === 0) return `${source.shown}: valid\n`;
  return problems.map((problem) => problemLines(problem, source)).join("");
}

/** A file may come from a stranger, and its keys are quoted. */
function problemLines(problem: Problem, { shown }: Source): string {
  const advice = problem.suggestion ? `  ${sanitise(problem.suggestion)}\n` : "";
  return `${problem.severity}: ${sanitise(problemText(problem, shown))}\n${advice}`;
}

/** A workflow command of GitHub Actions; its properties have more characters to escape than its message. */
function annotation(problem: Problem, { shown, path }: Source): string {
  const text = sanitise([problem.message, problem.suggestion].filter(Boolean).join("; "));
  const file = path === null ? [] : [`file=${escaped(shown).replaceAll(":", "%3A").replaceAll(",", "%2C")}`];
  const place = problem.line === null ? [] : [`line=${problem.line}`, `col=${problem.column}`];
  const properties = [...file, ...place].join(",");
  return `::${problem.severity}${properties === "" ? "" : ` ${properties}`}::${escaped(text)}\n`;
}

const escaped = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

async function sourceOf({ io, given }: Call): Promise<Source> {
  const [word] = given.words;
  const located: Located =
    word === undefined || word === "-"
      ? await locateConfig(word ?? given.value("config"), io.environment, io.cwd)
      : { kind: "file", path: resolve(io.cwd, word), shown: word };
  if (located.kind === "stdin") {
    const shown = "<stdin>";
    return { text: decodeText(await readPipe(io.stdin, shown, io), shown), shown, path: null };
  }
  if (located.kind === "none") {
    throw new RiptideError("config_not_found", "no configuration file to check", {
      hint: "riptide config validate FILE",
    });
  }
  const { shown, path } = located;
  return { text: await readSource(path, shown, io), shown, path };
}
