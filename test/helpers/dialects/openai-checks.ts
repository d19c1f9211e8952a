/** What may be wrong with the body of a chat completions request, from OpenAI's API reference. */
export interface ChatRules {
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** Fields of a request beyond the ones every server of the dialect knows. */
  readonly obfuscation: boolean;
}

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown, body: Fields) => boolean;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === "string" && value !== "";
const isBoolean: Check = (value) => typeof value === "boolean";
const isWithin =
  (low: number, high: number): Check =>
  (value) =>
    typeof value === "number" && value >= low && value <= high;
const isCount: Check = (value) => Number.isInteger(value) && Number(value) > 0;
const isName = (value: unknown) => typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value);

const FIELDS: Readonly<Record<string, Check>> = {
  model: isText,
  messages: (value) => Array.isArray(value) && value.length > 0,
  temperature: isWithin(0, 2),
  top_p: isWithin(0, 1),
  stop: (value) =>
    Array.isArray(value) && value.length >= 1 && value.length <= 4 && value.every((text) => isText(text, {})),
  seed: (value) => Number.isInteger(value),
  tools: (value) => Array.isArray(value) && value.length > 0 && value.every(isTool),
  tool_choice: isToolChoice,
  parallel_tool_calls: (value, body) => isBoolean(value, body) && body.tools !== undefined,
  response_format: isResponseFormat,
  reasoning_effort: (value) =>
    ["none", "minimal", "low", "medium", "high", "xhigh", "max"].includes(String(value)),
  stream: (value) => value === true,
  service_tier: isText,
  user: isText,
  logit_bias: (value) =>
    isFields(value) && Object.values(value).every((bias) => isWithin(-100, 100)(bias, {})),
  metadata: (value) => isFields(value) && Object.values(value).every((text) => isText(text, {})),
};

export function chatProblems(body: unknown, rules: ChatRules): string[] {
  if (!isFields(body)) return ["the body is no JSON object"];
  const checks: Readonly<Record<string, Check>> = {
    ...FIELDS,
    [rules.maxTokensField]: isCount,
    stream_options: (value) => hasStreamOptions(value, body, rules),
  };
  const missing = ["model", "messages"].filter((name) => !(name in body)).map((name) => `no ${name}`);
  const wrong = Object.entries(body)
    .filter(([name, value]) => !checks[name]?.(value, body))
    .map(([name, value]) => `${name in checks ? "bad" : "unknown"} field ${name}: ${JSON.stringify(value)}`);
  return [...missing, ...wrong, ...messageProblems(Array.isArray(body.messages) ? body.messages : [])];
}

function hasStreamOptions(value: unknown, body: Fields, { obfuscation }: ChatRules): boolean {
  const expected = obfuscation
    ? { include_usage: true, include_obfuscation: false }
    : { include_usage: true };
  return body.stream === true && JSON.stringify(value) === JSON.stringify(expected);
}

function isTool(tool: unknown): boolean {
  if (!isFields(tool) || tool.type !== "function" || !isFields(tool.function)) return false;
  const { name, parameters, strict, description } = tool.function;
  return (
    isName(name) &&
    isFields(parameters) &&
    ["undefined", "boolean"].includes(typeof strict) &&
    ["undefined", "string"].includes(typeof description)
  );
}

function isToolChoice(value: unknown, body: Fields): boolean {
  if (!Array.isArray(body.tools)) return false;
  if (typeof value === "string") return ["auto", "none", "required"].includes(value);
  if (!isFields(value) || value.type !== "function" || !isFields(value.function)) return false;
  const { name } = value.function;
  return body.tools.some((tool) => isFields(tool) && isFields(tool.function) && tool.function.name === name);
}

function isResponseFormat(value: unknown, { messages }: Fields): boolean {
  if (!isFields(value)) return false;
  // The vendor wants the word in the prompt.
  if (value.type === "json_object") return /json/i.test(JSON.stringify(messages));
  if (value.type !== "json_schema" || !isFields(value.json_schema)) return false;
  const { name, schema, strict } = value.json_schema;
  return isName(name) && isFields(schema) && typeof strict === "boolean" && (!strict || isClosed(schema));
}

/** Strict mode: each object says that it is closed and requires all it has. */
function isClosed(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed);
  if (!isFields(schema)) return true;
  if (isFields(schema.properties)) {
    const names = Object.keys(schema.properties).sort().join();
    const required = Array.isArray(schema.required) ? schema.required.toSorted().join() : "";
    if (schema.additionalProperties !== false || names !== required) return false;
  }
  return Object.values(schema).every(isClosed);
}

/** Roles, contents, and that each tool call is answered once before the conversation goes on. */
function messageProblems(messages: readonly unknown[]): string[] {
  const problems: string[] = [];
  let open: readonly unknown[] = [];
  for (const [index, message] of messages.entries()) {
    const say = (problem: string) => problems.push(`messages[${index}]: ${problem}`);
    open = isFields(message) ? readMessage(message, open, say) : open;
    if (!isFields(message)) say("is no object");
  }
  return open.length > 0 ? [...problems, `tool calls ${open.join()} are not answered`] : problems;
}

/** The calls that are open after the message. */
function readMessage(message: Fields, open: readonly unknown[], say: (problem: string) => void): unknown[] {
  if (message.role === "tool") {
    if (!open.includes(message.tool_call_id)) say(`answers no open call ${message.tool_call_id}`);
    if (!isText(message.content, message)) say("a tool result without text");
    return open.filter((id) => id !== message.tool_call_id);
  }
  if (open.length > 0) say(`tool calls ${open.join()} are not answered`);
  if (!hasContent(message)) say(`bad content ${JSON.stringify(message.content)}`);
  return callIds(message, say);
}

function callIds(message: Fields, say: (problem: string) => void): unknown[] {
  if (message.tool_calls === undefined) return [];
  if (message.role !== "assistant" || !Array.isArray(message.tool_calls)) say("tool_calls out of place");
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  for (const call of calls) {
    if (!isCall(call)) say(`bad tool call ${JSON.stringify(call)}`);
  }
  return calls.map((call) => (isFields(call) ? call.id : undefined));
}

function isCall(call: unknown): boolean {
  if (!isFields(call) || call.type !== "function" || !isFields(call.function)) return false;
  const { name, arguments: text } = call.function;
  if (typeof call.id !== "string" || call.id.length < 1 || call.id.length > 40) return false;
  return isName(name) && typeof text === "string" && text !== "";
}

function hasContent({ role, content, tool_calls }: Fields): boolean {
  if (role === "assistant" && Array.isArray(tool_calls) && (content === null || content === "")) return true;
  if (role === "system" || role === "assistant") return isText(content, {});
  if (role !== "user") return false;
  return isText(content, {}) || (Array.isArray(content) && content.length > 0 && content.every(isPart));
}

function isPart(part: unknown): boolean {
  if (!isFields(part)) return false;
  if (part.type === "text") return isText(part.text, part);
  if (part.type !== "image_url" || !isFields(part.image_url)) return false;
  return /^(https?:\/\/|data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$)/.test(
    String(part.image_url.url),
  );
}
