import { RiptideError } from "../../core/errors.ts";
import type { StdinMode } from "./stdin.ts";

/** Where the parts of a prompt come from, as given on the command line. */
export interface PromptSources {
  /** Arguments; `-` among them asks for stdin and is not part of the text. */
  readonly words: readonly string[];
  /** Paths of `--file` in their order; `-` is stdin. */
  readonly files: readonly string[];
  /** What to say when there is no text at all. */
  readonly missing?: Missing;
}

interface Missing {
  readonly message: string;
  readonly hint: string;
}

const NO_PROMPT: Missing = {
  message: "no prompt",
  hint: 'riptide complete "your question"   or   pipe text in   (riptide complete --help)',
};

const STDIN = "-";
const STDIN_MARK = "{{stdin}}";

/** How stdin is to be read: a `-` asks for it whatever the mode is, but not against an explicit `never`. */
export function stdinModeFor({ words, files }: PromptSources, mode: StdinMode): StdinMode {
  if (!words.includes(STDIN) && !files.includes(STDIN)) return mode;
  if (mode !== "never") return "always";
  throw new RiptideError("usage", "- asks for stdin, but --stdin never forbids reading it", {
    hint: "leave out one of them",
  });
}

/** For a call whose configuration came on stdin. @throws RiptideError `usage` when the prompt would come from there too */
export function checkWithoutStdin({ words, files }: PromptSources, mode: StdinMode): void {
  if (mode !== "always" && words.length + files.length > 0) return;
  throw new RiptideError(
    "usage",
    "stdin holds the configuration (--config -), so the prompt cannot come from there",
    {
      hint: "give the prompt as an argument, or the configuration as a file",
    },
  );
}

/**
 * The prompt: the arguments, then each file, apart by a blank line. The text on stdin replaces `{{stdin}}` in the
 * first of them, or stands where `--file -` says, or follows as a block; without any of them it is the prompt.
 *
 * @param stdin - the text on stdin, undefined where it was not read
 * @throws RiptideError `usage` when there is no prompt, or when `{{stdin}}` has nothing to stand for
 */
export async function assemblePrompt(
  sources: PromptSources,
  stdin: string | undefined,
  readFile: (path: string) => Promise<string>,
): Promise<string> {
  const asked = sources.words.filter((word) => word !== STDIN).join(" ");
  if (stdin === undefined && asked.includes(STDIN_MARK)) throw nothingToInsert();
  const texts = [asked];
  for (const path of sources.files) texts.push(path === STDIN ? (stdin ?? "") : await readFile(path));
  const parts = texts.filter((text) => text.trim());
  const placed = sources.files.includes(STDIN) ? parts : withStdin(parts, stdin ?? "");
  const prompt = placed.join("\n\n");
  if (prompt.trim()) return prompt;
  const { message, hint } = sources.missing ?? NO_PROMPT;
  const reasons = stdin === undefined ? [] : ["stdin was read and holds no text"];
  throw new RiptideError("usage", message, { reasons, hint });
}

function withStdin([first, ...rest]: readonly string[], stdin: string): readonly string[] {
  if (first === undefined) return [stdin];
  // A function, because `$&` in the text must stay what it is.
  if (first.includes(STDIN_MARK)) return [first.replaceAll(STDIN_MARK, () => stdin), ...rest];
  if (!stdin) return [first, ...rest];
  const end = stdin.endsWith("\n") ? "" : "\n";
  return [first, ...rest, `<stdin>\n${stdin}${end}</stdin>`];
}

const nothingToInsert = () =>
  new RiptideError("usage", `the prompt names ${STDIN_MARK}, but stdin was not read`, {
    hint: "pipe the text in, or read it in any case with --stdin always",
  });
