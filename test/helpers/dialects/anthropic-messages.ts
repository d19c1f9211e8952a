import { isObject, list, type ObjectValue, strangers, unless } from "./checks.ts";

const BODY = [
  "messages",
  "system",
  "max_tokens",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "stream",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "metadata",
];
const COUNTED = ["messages", "system", "tools", "tool_choice", "thinking", "output_config"];
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  text: ["type", "text", "cache_control"],
  image: ["type", "source"],
  thinking: ["type", "thinking", "signature"],
  redacted_thinking: ["type", "data"],
  tool_use: ["type", "id", "name", "input"],
  tool_result: ["type", "tool_use_id", "content", "is_error"],
};
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  auto: ["type", "disable_parallel_tool_use"],
  any: ["type", "disable_parallel_tool_use"],
  tool: ["type", "name", "disable_parallel_tool_use"],
  none: ["type"],
};

/** What is wrong with a Messages body. `head` are the keys that the host has on top of the vendor's own. */
export function messagesProblems(body: ObjectValue, head: readonly string[]): string[] {
  return [
    ...strangers(body, [...head, ...BODY]),
    ...unless(Number.isInteger(body.max_tokens) && Number(body.max_tokens) > 0, "no max_tokens"),
    ...unless(body.stream === undefined || body.stream === true, "stream is neither true nor absent"),
    ...outputProblems(body.output_config),
    ...samplingProblems(body),
    ...thinkingProblems(body),
    ...promptProblems(body),
  ];
}

/** What is wrong with a body whose prompt is only counted. */
export const countProblems = (body: ObjectValue): string[] => [
  ...strangers(body, ["model", ...COUNTED]),
  ...promptProblems(body),
];

function samplingProblems({ temperature, top_p: topP, stop_sequences: stop }: ObjectValue): string[] {
  const share = (value: unknown) =>
    value === undefined || (typeof value === "number" && value >= 0 && value <= 1);
  return [
    ...unless(
      temperature === undefined || topP === undefined,
      "temperature and top_p cannot both be specified for this model",
    ),
    ...unless(share(temperature), "temperature is not between 0 and 1"),
    ...unless(share(topP), "top_p is not between 0 and 1"),
    ...unless(
      list(stop).every((text) => typeof text === "string" && text.trim()),
      "a blank stop sequence",
    ),
  ];
}

const EFFORTS = [undefined, "low", "medium", "high", "xhigh", "max"];

function outputProblems(output: unknown): string[] {
  if (output === undefined) return [];
  if (!isObject(output)) return ["output_config is no object"];
  return [
    ...strangers(output, ["format", "effort"]),
    ...unless(EFFORTS.includes(output.effort as string | undefined), `no effort ${output.effort}`),
  ];
}

function thinkingProblems({ thinking, max_tokens: limit, ...body }: ObjectValue): string[] {
  if (thinking === undefined) return [];
  if (!isObject(thinking)) return ["thinking is no object"];
  if (thinking.type === "disabled" || thinking.type === "between_tools") return strangers(thinking, ["type"]);
  const sampled = body.temperature !== undefined || body.top_p !== undefined;
  if (thinking.type === "adaptive") {
    return [...strangers(thinking, ["type", "display"]), ...unless(!sampled, "sampling while thinking")];
  }
  const budget = Number(thinking.budget_tokens);
  const choice = isObject(body.tool_choice) ? body.tool_choice.type : undefined;
  return [
    ...unless(thinking.type === "enabled", "an unknown type of thinking"),
    ...unless(budget >= 1_024 && budget < Number(limit), "the thinking budget is out of bounds"),
    ...unless(!sampled, "sampling while thinking"),
    ...unless(choice !== "any" && choice !== "tool", "a forced tool while thinking"),
    ...thoughtProblems(list(body.messages)),
  ];
}

const THOUGHTS = ["thinking", "redacted_thinking"];

/** A turn of tool calls begins with the thoughts that led to them. */
function thoughtProblems(messages: readonly unknown[]): string[] {
  const types = (message: unknown) => blocksOf(message).map((block) => (isObject(block) ? block.type : ""));
  const asked = messages.findLastIndex(
    (message) => isObject(message) && message.role === "user" && !types(message).includes("tool_result"),
  );
  const [first] = messages.slice(asked + 1).map(types);
  return unless(
    !first?.includes("tool_use") || THOUGHTS.includes(String(first[0])),
    "Expected `thinking` or `redacted_thinking`, but found `tool_use`",
  );
}

function promptProblems(body: ObjectValue): string[] {
  const messages = list(body.messages);
  const format = isObject(body.output_config) ? body.output_config.format : undefined;
  return [
    ...unless(body.system === undefined || (typeof body.system === "string" && body.system), "empty system"),
    ...unless(messages.length > 0, "no messages"),
    ...unless(isObject(messages[0]) && messages[0].role === "user", "the first message is not the user's"),
    ...messages.flatMap((message, index) => messageProblems(message, messages[index - 1])),
    ...unless(callsOf(messages.at(-1)).length === 0, "tool calls without results"),
    ...endProblems(messages.at(-1)),
    ...list(body.tools).flatMap(toolProblems),
    ...choiceProblems(body),
    ...unless(
      format === undefined || (isObject(format) && format.type === "json_schema" && isObject(format.schema)),
      "no output schema",
    ),
  ];
}

function messageProblems(message: unknown, before: unknown): string[] {
  if (!isObject(message)) return ["a message is no object"];
  if (message.role !== "user" && message.role !== "assistant") return [`a message of role ${message.role}`];
  const blocks = blocksOf(message);
  return [
    ...strangers(message, ["role", "content"]),
    ...unless(!isObject(before) || before.role !== message.role, `two turns of ${message.role}`),
    ...unless(blocks.length > 0, "a message without content"),
    ...blocks.flatMap((block) => blockProblems(block, message.role)),
    ...pairingProblems(blocks, callsOf(before)),
  ];
}

function blockProblems(block: unknown, role: unknown): string[] {
  if (!isObject(block)) return ["a block is no object"];
  const known = BLOCKS[String(block.type)];
  if (!known) return [`a block of type ${block.type}`];
  const assistants = ["tool_use", ...THOUGHTS].includes(String(block.type));
  return [
    ...strangers(block, known),
    ...unless(block.type === "text" || assistants === (role === "assistant"), `${block.type} of ${role}`),
    ...(block.type === "text"
      ? unless(String(block.text ?? "").trim(), "text content blocks must be non-empty")
      : []),
    ...(block.type === "image" ? sourceProblems(block.source) : []),
    ...(block.type === "tool_use" ? callProblems(block) : []),
    ...(block.type === "thinking" ? unless(block.signature === "c2lnbmVk", "a forged signature") : []),
  ];
}

function sourceProblems(source: unknown): string[] {
  if (!isObject(source)) return ["an image without a source"];
  if (source.type === "url") return unless(/^https?:/.test(String(source.url)), "an image without address");
  return [
    ...unless(source.type === "base64", "an image source of an unknown type"),
    ...unless(/^image\/(png|jpeg|gif|webp)$/.test(String(source.media_type)), "an unknown image type"),
    ...unless(/^[A-Za-z0-9+/]+=*$/.test(String(source.data)), "an image is no base64"),
  ];
}

const callProblems = (block: ObjectValue): string[] => [
  ...unless(/^[a-zA-Z0-9_-]+$/.test(String(block.id)), `tool_use id ${block.id}`),
  ...unless(typeof block.name === "string" && block.name, "a tool_use without a name"),
  ...unless(isObject(block.input), "the input of a tool_use is no object"),
];

/** The calls of one turn are answered first thing in the next, all of them and nothing else. */
function pairingProblems(blocks: readonly unknown[], called: readonly string[]): string[] {
  const isResult = (block: unknown) => isObject(block) && block.type === "tool_result";
  const answered = blocks.filter(isResult).map((block) => (isObject(block) ? String(block.tool_use_id) : ""));
  return [
    ...unless(
      called.every((id) => answered.includes(id)),
      "tool_use ids were found without tool_result blocks",
    ),
    ...unless(
      answered.every((id) => called.includes(id)),
      "a tool_result without its tool_use",
    ),
    ...unless(new Set(answered).size === answered.length, "two results of one tool_use"),
    ...unless(blocks.slice(0, answered.length).every(isResult), "tool results do not come first"),
  ];
}

function endProblems(message: unknown): string[] {
  if (!isObject(message) || message.role !== "assistant") return [];
  const last = blocksOf(message).at(-1);
  const text = isObject(last) ? String(last.text ?? "") : "";
  return unless(text === text.trimEnd(), "final assistant content cannot end with trailing whitespace");
}

function toolProblems(tool: unknown): string[] {
  if (!isObject(tool)) return ["a tool is no object"];
  return [
    ...strangers(tool, ["name", "description", "input_schema", "strict", "eager_input_streaming"]),
    ...unless(/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool.name)), "a tool without a proper name"),
    ...unless(isObject(tool.input_schema) && tool.input_schema.type === "object", "no input_schema"),
  ];
}

function choiceProblems({ tool_choice: choice, tools }: ObjectValue): string[] {
  if (choice === undefined) return [];
  const known = isObject(choice) ? CHOICES[String(choice.type)] : undefined;
  if (!isObject(choice) || !known) return ["an unknown tool choice"];
  const names = list(tools).map((tool) => (isObject(tool) ? tool.name : undefined));
  return [
    ...strangers(choice, known),
    ...unless(names.length > 0, "a tool choice without tools"),
    ...unless(choice.type !== "tool" || names.includes(choice.name), "the chosen tool is not there"),
  ];
}

function blocksOf(message: unknown): readonly unknown[] {
  if (!isObject(message)) return [];
  return typeof message.content === "string"
    ? [{ type: "text", text: message.content }]
    : list(message.content);
}

const callsOf = (message: unknown): string[] =>
  blocksOf(message).flatMap((block) =>
    isObject(block) && block.type === "tool_use" ? [String(block.id)] : [],
  );
