import type { Received } from "../simulator.ts";
import { isObject, list, type ObjectValue, strangers, unless } from "./checks.ts";

const CONVERSE = [
  "messages",
  "system",
  "inferenceConfig",
  "toolConfig",
  "outputConfig",
  "additionalModelRequestFields",
];

/** What is wrong with the body of a runtime operation, from the AWS documentation. */
export function bodyProblems(operation: string, { headers, json }: Received): string[] {
  const typed = unless(headers["content-type"] === "application/json", "not sent as application/json");
  if (!isObject(json)) return [...typed, "the body is no JSON object"];
  if (operation === "invoke") return [...typed, ...embeddingProblems(json)];
  if (operation !== "count-tokens") return [...typed, ...converseProblems(json)];
  return [...typed, ...strangers(json, ["input"]), ...converseProblems(at(json, "input", "converse"))];
}

/** Titan takes one text a call, Cohere up to 96 and the use they are for. */
function embeddingProblems(body: ObjectValue): string[] {
  if (!("texts" in body)) {
    return [
      ...strangers(body, ["inputText", "dimensions", "normalize", "embeddingTypes"]),
      ...unless(isText(body.inputText), "no inputText"),
    ];
  }
  const texts = list(body.texts);
  return [
    ...strangers(body, ["texts", "input_type", "truncate", "embedding_types", "output_dimension"]),
    ...unless(texts.length >= 1 && texts.length <= 96 && texts.every(isText), "not 1 to 96 texts"),
    ...unless(isText(body.input_type), "no input_type"),
  ];
}

function converseProblems(body: unknown): string[] {
  if (!isObject(body)) return ["no conversation"];
  const turns = list(body.messages);
  const blocks = turns.flatMap((turn) => list(at(turn, "content")));
  const roles = turns.map((turn) => at(turn, "role"));
  return [
    ...strangers(body, CONVERSE),
    ...inferenceProblems(body.inferenceConfig ?? {}),
    ...outputProblems(body.outputConfig ?? {}),
    ...unless(roles[0] === "user", "the conversation does not begin with the user"),
    ...unless(!roles.some((role, index) => role === roles[index + 1]), "two turns of one role in a row"),
    ...unless(
      turns.every((turn) => list(at(turn, "content")).length > 0),
      "a turn without content",
    ),
    ...[...blocks, ...list(body.system)].flatMap(blockProblems),
    ...toolProblems(body, blocks),
    ...turns.flatMap((turn, index) => pairProblems(turns[index - 1], turn)),
    ...unless(idsIn(turns.at(-1), "toolUse").length === 0, "a tool use without its result"),
  ];
}

function inferenceProblems(config: unknown): string[] {
  if (!isObject(config)) return ["inferenceConfig is no object"];
  const { maxTokens = 1, temperature = 0, topP = 0, stopSequences = [] } = config;
  const isShare = (value: unknown) => typeof value === "number" && value >= 0 && value <= 1;
  return [
    ...strangers(config, ["maxTokens", "temperature", "topP", "stopSequences"]),
    ...unless(Number.isInteger(maxTokens) && Number(maxTokens) > 0, "maxTokens is no count"),
    ...unless(isShare(temperature) && isShare(topP), "sampling is out of bounds"),
    ...unless(
      !("temperature" in config && "topP" in config),
      "temperature and top_p cannot both be specified for this model",
    ),
    ...unless(Array.isArray(stopSequences) && stopSequences.every(isText), "a blank stop sequence"),
  ];
}

function outputProblems(config: unknown): string[] {
  const schema = at(config, "textFormat", "structure", "jsonSchema", "schema");
  return [
    ...strangers(isObject(config) ? config : {}, ["textFormat", "effort"]),
    ...unless(
      at(config, "textFormat") === undefined ||
        (at(config, "textFormat", "type") === "json_schema" && typeof schema === "string"),
      "an output format that is not as documented",
    ),
  ];
}

const BLOCKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: isText,
  image: (value) =>
    /^(png|jpeg|gif|webp)$/.test(String(at(value, "format"))) &&
    /^[A-Za-z0-9+/]+=*$/.test(String(at(value, "source", "bytes"))),
  toolUse: (value) => isObject(at(value, "input")) && isText(at(value, "name")) && hasId(value),
  toolResult: (value) => Array.isArray(at(value, "content")) && hasId(value),
};

function blockProblems(block: unknown): string[] {
  const [kind = "nothing", ...more] = isObject(block) ? Object.keys(block) : [];
  if (more.length > 0) return [`a content block of ${kind} and ${more}`];
  return unless(BLOCKS[kind]?.(at(block, kind)), `a content block of ${kind} that is not as documented`);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function hasId(block: unknown): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(String(at(block, "toolUseId")));
}

/** Tools have schemas, are declared where they were called, and only a declared one is forced. */
function toolProblems(body: ObjectValue, blocks: readonly unknown[]): string[] {
  const config = body.toolConfig;
  const tools = list(at(config, "tools"));
  const names = tools.map((tool) => at(tool, "toolSpec", "name"));
  const choice = at(config, "toolChoice");
  const [kind = "auto"] = isObject(choice) ? Object.keys(choice) : [];
  const declared = blocks.some((block) => at(block, "toolUse") ?? at(block, "toolResult"));
  return [
    ...unless(config === undefined || tools.length > 0, "a toolConfig without tools"),
    ...unless(!declared || tools.length > 0, "tool blocks without toolConfig"),
    ...unless(names.every(isText), "a tool without a name"),
    ...unless(
      tools.every((tool) => at(tool, "toolSpec", "inputSchema", "json", "type") === "object"),
      "a tool without a schema",
    ),
    ...unless(["auto", "any", "tool"].includes(kind), `no tool choice ${kind}`),
    ...unless(kind !== "tool" || names.includes(at(choice, "tool", "name")), "the chosen tool is not there"),
  ];
}

/** Each call is answered in the turn that follows, before anything else is said there. */
function pairProblems(before: unknown, turn: unknown): string[] {
  const called = idsIn(before, "toolUse");
  const answered = idsIn(turn, "toolResult");
  const results = list(at(turn, "content")).slice(0, answered.length);
  return [
    ...called.flatMap((id) => unless(answered.includes(id), `the tool use ${id} has no result`)),
    ...answered.flatMap((id) => unless(called.includes(id), `the tool result ${id} has no use`)),
    ...unless(
      results.every((block) => at(block, "toolResult")),
      "tool results do not come first",
    ),
  ];
}

const idsIn = (turn: unknown, kind: string): unknown[] =>
  list(at(turn, "content")).flatMap((block) => (at(block, kind) ? [at(block, kind, "toolUseId")] : []));

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((here, key) => (isObject(here) ? here[key] : undefined), value);
