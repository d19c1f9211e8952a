import { isObject, list, type ObjectValue, strangers, unless } from "./checks.ts";

const PROMPT = ["contents", "systemInstruction", "tools"];
const BODY = [...PROMPT, "toolConfig", "generationConfig", "safetySettings", "labels", "cachedContent"];
const CONFIG = [
  "maxOutputTokens",
  "temperature",
  "topP",
  "topK",
  "stopSequences",
  "seed",
  "candidateCount",
  "responseMimeType",
  "responseJsonSchema",
  "responseSchema",
  "thinkingConfig",
];
const PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string" && value !== "",
  inlineData: (value) =>
    isObject(value) &&
    /^image\//.test(String(value.mimeType)) &&
    /^[A-Za-z0-9+/]+=*$/.test(String(value.data)),
  fileData: (value) =>
    isObject(value) && /^image\//.test(String(value.mimeType)) && /^(gs|https):/.test(String(value.fileUri)),
  functionCall: (value) => isObject(value) && isName(value.name) && isObject(value.args),
  functionResponse: (value) => isObject(value) && isName(value.name) && isObject(value.response),
};

const isName = (value: unknown) => /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/.test(String(value));

/** What is wrong with a generateContent body. */
export const generateProblems = (body: ObjectValue, model: string): string[] => [
  ...strangers(body, BODY),
  ...promptProblems(body, model),
  ...configProblems(body.generationConfig, model),
  ...choiceProblems(body),
];

/** What is wrong with a countTokens body. */
export const countProblems = (body: ObjectValue, model: string): string[] => [
  ...strangers(body, PROMPT),
  ...promptProblems(body, model),
];

function promptProblems(
  { contents, systemInstruction: system, tools }: ObjectValue,
  model: string,
): string[] {
  const turns = list(contents);
  const systemParts = isObject(system) ? list(system.parts) : [];
  return [
    ...unless(turns.length > 0, "contents is not specified"),
    ...turns.flatMap((turn, index) => turnProblems(turn, turns[index - 1], model)),
    ...unless(isObject(turns[0]) && turns[0].role === "user", "the first turn is not the user's"),
    ...unless(isObject(turns.at(-1)) && roleOf(turns.at(-1)) === "user", "the last turn is not the user's"),
    ...unless(
      system === undefined || (systemParts.length > 0 && systemParts.every(isText)),
      "an empty system instruction",
    ),
    ...list(tools).flatMap(toolProblems),
  ];
}

const isText = (part: unknown) => isObject(part) && typeof part.text === "string" && part.text !== "";
const roleOf = (turn: unknown) => (isObject(turn) ? turn.role : undefined);

function turnProblems(turn: unknown, before: unknown, model: string): string[] {
  if (!isObject(turn)) return ["a turn is no object"];
  const parts = list(turn.parts);
  const calls = named(parts, "functionCall");
  return [
    ...strangers(turn, ["role", "parts"]),
    ...unless(turn.role === "user" || turn.role === "model", "please use a valid role: user, model"),
    ...unless(turn.role !== roleOf(before), `two turns of ${turn.role}`),
    ...unless(parts.length > 0, "must include at least one parts field"),
    ...parts.flatMap(partProblems),
    ...unless(calls.length === 0 || turn.role === "model", "a function call of the user"),
    ...unless(
      named(parts, "functionResponse").join() === named(partsOf(before), "functionCall").join(),
      "function responses do not match the function calls of the turn before",
    ),
    ...unless(
      calls.length === 0 || /gemini-[12]/.test(model) || isSigned(parts),
      "missing a thought_signature",
    ),
  ];
}

const partsOf = (turn: unknown) => (isObject(turn) ? list(turn.parts) : []);

const named = (parts: readonly unknown[], kind: string): unknown[] =>
  parts.flatMap((part) => (isObject(part) && isObject(part[kind]) ? [part[kind].name] : []));

const isSigned = (parts: readonly unknown[]) => {
  const first = parts.find((part) => isObject(part) && part.functionCall !== undefined);
  return isObject(first) && Boolean(first.thoughtSignature);
};

function partProblems(part: unknown): string[] {
  if (!isObject(part)) return ["a part is no object"];
  const kinds = Object.keys(part).filter((key) => key !== "thoughtSignature");
  const [kind = ""] = kinds;
  return [
    ...unless(kinds.length === 1, "oneof field 'data' is not set once"),
    ...unless(PARTS[kind]?.(part[kind]), `a part with a wrong ${kind}`),
  ];
}

function configProblems(config: unknown, model: string): string[] {
  if (config === undefined) return [];
  if (!isObject(config)) return ["generationConfig is no object"];
  const { thinkingConfig: thinking, temperature = 1, topP = 1, maxOutputTokens = 1, stopSequences } = config;
  const isJson = config.responseMimeType === "application/json";
  return [
    ...strangers(config, CONFIG),
    ...unless(Number(temperature) >= 0 && Number(temperature) <= 2, "temperature is out of bounds"),
    ...unless(Number(topP) >= 0 && Number(topP) <= 1, "topP is out of bounds"),
    ...unless(Number.isInteger(maxOutputTokens) && Number(maxOutputTokens) > 0, "no maxOutputTokens"),
    ...unless(list(stopSequences).length <= 5, "more than five stop sequences"),
    ...unless(isJson || config.responseJsonSchema === undefined, "a schema without its mime type"),
    ...(thinking === undefined ? [] : thinkingProblems(thinking, model)),
  ];
}

function thinkingProblems(thinking: unknown, model: string): string[] {
  if (!isObject(thinking)) return ["thinkingConfig is no object"];
  const word = /gemini-2/.test(model) ? "thinkingBudget" : "thinkingLevel";
  const levels = ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
  return [
    ...strangers(thinking, [word, "includeThoughts"]),
    ...unless(
      word === "thinkingBudget" ? Number.isInteger(thinking[word]) : levels.includes(String(thinking[word])),
      "no amount of thinking",
    ),
  ];
}

function toolProblems(tool: unknown): string[] {
  const declarations = isObject(tool) ? list(tool.functionDeclarations) : [];
  return [
    ...unless(declarations.length > 0, "a tool without declarations"),
    ...declarations.flatMap((declared) =>
      isObject(declared)
        ? [
            ...strangers(declared, ["name", "description", "parameters", "parametersJsonSchema"]),
            ...unless(isName(declared.name), "a function without a proper name"),
          ]
        : ["a declaration is no object"],
    ),
  ];
}

function choiceProblems({ toolConfig, tools }: ObjectValue): string[] {
  if (toolConfig === undefined) return [];
  const choice = isObject(toolConfig) ? toolConfig.functionCallingConfig : undefined;
  if (!isObject(choice)) return ["no functionCallingConfig"];
  const names = list(tools).flatMap((tool) => (isObject(tool) ? list(tool.functionDeclarations) : []));
  const known = names.map((declared) => (isObject(declared) ? declared.name : undefined));
  return [
    ...strangers(choice, ["mode", "allowedFunctionNames"]),
    ...unless(["AUTO", "NONE", "ANY", "VALIDATED"].includes(String(choice.mode)), "no mode"),
    ...unless(known.length > 0, "a function calling config without functions"),
    ...unless(
      list(choice.allowedFunctionNames).every((name) => known.includes(name as string)),
      "an allowed function that is not declared",
    ),
    ...unless(choice.allowedFunctionNames === undefined || choice.mode === "ANY", "names need mode ANY"),
  ];
}
