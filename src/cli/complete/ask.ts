import type { CompletionRequest, ContentPart, Effort, Message } from "../../core/completion.ts";
import type { Call } from "../command.ts";
import { assemblePrompt, checkWithoutStdin, type PromptSources, stdinModeFor } from "../input/prompt.ts";
import { processStdin, readStdin } from "../input/stdin.ts";
import { readTextFile } from "../input/text-file.ts";
import { durationOf, integerOf, numberOf, oneOf, wordOf } from "../values.ts";

const EFFORTS: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const STDIN_TIMEOUT_MS = 30_000;
const STDIN_MODES = ["auto", "always", "never"] as const;

/**
 * The request that arguments, files and stdin make together.
 * @throws RiptideError `usage` for input that cannot be used.
 */
export async function readRequest(call: Call, maxStdinBytes: number): Promise<CompletionRequest> {
  const { given } = call;
  const sampling = samplingOf(call);
  const prompt = await readPrompt(call, maxStdinBytes);
  const [messages, tools, schema, options] = [
    await readMessages(call, prompt),
    await readToolFlags(call),
    await readSchemaFlag(call),
    await readOptionFlags(call),
  ];
  const stop = given.values("stop");
  return { messages, ...sampling, ...(stop.length > 0 && { stop }), ...tools, ...schema, ...options };
}

function samplingOf({ given }: Call): Partial<CompletionRequest> {
  const found = {
    maxTokens: integerOf(given, "max-tokens", { min: 1, max: 10_000_000 }),
    temperature: numberOf(given, "temperature", { min: 0, max: 2 }),
    topP: numberOf(given, "top-p", { min: 0, max: 1 }),
    seed: integerOf(given, "seed", { min: 0, max: Number.MAX_SAFE_INTEGER }),
    effort: wordOf(given, "effort", EFFORTS),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Arguments, files and stdin as one text; `missing` is what to say when there is none. */
export async function readPrompt(
  call: Call,
  maxStdinBytes: number,
  missing?: PromptSources["missing"],
): Promise<string> {
  const { io, given } = call;
  const sources = { words: given.words, files: given.values("file"), ...(missing && { missing }) };
  const fromEnv = oneOf(io.environment.flags.stdin, STDIN_MODES, "RIPTIDE_STDIN");
  const asked = wordOf(given, "stdin", STDIN_MODES) ?? fromEnv ?? "auto";
  const mode = stdinModeFor(sources, asked);
  if ((given.value("config") ?? io.environment.flags.config) === "-") {
    checkWithoutStdin(sources, mode);
    return assemblePrompt(sources, undefined, readTextFile);
  }
  const stdin = await readStdin(processStdin(io), {
    mode,
    timeoutMs: durationOf(given, "stdin-timeout") ?? STDIN_TIMEOUT_MS,
    maxBytes: maxStdinBytes,
    clock: io.clock,
    notice: (line) => void io.stderr.write(`${line}\n`),
  });
  return assemblePrompt(sources, stdin, readTextFile);
}

async function readMessages({ given }: Call, prompt: string): Promise<readonly Message[]> {
  const system = given.value("system");
  const instruction = system?.startsWith("@") ? await readTextFile(system.slice(1)) : system;
  const before: readonly Message[] =
    instruction === undefined ? [] : [{ role: "system", content: instruction }];
  const attached = given.values("attach");
  if (attached.length === 0) return [...before, { role: "user", content: prompt }];
  const { readAttachment } = await import("../input/attachment.ts");
  const images = await Promise.all(attached.map(readAttachment));
  const content: readonly ContentPart[] = [{ type: "text", text: prompt }, ...images];
  return [...before, { role: "user", content }];
}

async function readToolFlags({ given }: Call): Promise<Partial<CompletionRequest>> {
  const file = given.value("tools");
  const choice = given.value("tool-choice");
  if (file === undefined && choice === undefined) return {};
  const { readTools, readToolChoice } = await import("../input/tools.ts");
  const tools = file === undefined ? [] : await readTools(file);
  return { tools, ...(choice !== undefined && { toolChoice: readToolChoice(choice, tools) }) };
}

async function readSchemaFlag({ given }: Call): Promise<Partial<CompletionRequest>> {
  const source = given.value("schema");
  if (source === undefined) return {};
  const { readSchema } = await import("../input/schema.ts");
  return { schema: { name: "answer", schema: await readSchema(source) } };
}

async function readOptionFlags({ given }: Call): Promise<Partial<CompletionRequest>> {
  const pairs = given.values("option");
  if (pairs.length === 0) return {};
  const { readOptions } = await import("../input/vendor-options.ts");
  return { options: readOptions(pairs) };
}
