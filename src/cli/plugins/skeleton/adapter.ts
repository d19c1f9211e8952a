/** An adapter of a small chat API, with every function one needs. */
export const ADAPTER = `import { countAt, failureOf, isObject, listAt, parseJson, reportedUsage, textAt, tryJson, valueAt, wrongShape } from "riptide";

// What a model can take; what is missing is left out of requests, with a warning to the caller.
const FACTS = { supports: new Set(["temperature", "top_p", "stop"]) };

/**
 * What differs between this vendor and others, as pure functions.
 * @returns {import("riptide").Adapter}
 */
export function createAdapter(baseUrl, apiKey) {
  // The key stays wrapped: it is never in a log, and only the wire reads it.
  const headers = { authorization: apiKey.prefixed("Bearer ") };
  const get = (path) => ({ method: "GET", url: baseUrl + path, headers });
  return {
    // How a stream is cut into frames: "sse", "ndjson" or "aws-event-stream".
    framing: "ndjson",
    facts: () => FACTS,
    toWire: (request) => ({
      method: "POST",
      url: baseUrl + "/chat",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(bodyOf(request)),
    }),
    fromWire: (reply) => completionOf(checked(parseJson(reply.body))),
    decoder: createDecoder,
    classify: (failure) =>
      failureOf(failure, { message: textAt(tryJson(failure.body), "error", "message") ?? "" }),
    models: { toWire: () => get("/models"), fromWire: (reply) => ({ models: modelsOf(reply) }) },
    // A free call that proves address and key.
    probe: {
      toWire: () => get("/models"),
      fromWire: (reply) => ({ detail: "lists its models", models: modelsOf(reply).length }),
    },
  };
}

function bodyOf({ model, messages, stream, maxTokens, temperature, topP, stop, options }) {
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content: textOf(content) })),
    stream,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    stop,
    ...options, // What the caller wrote in the vendor's own words.
  };
}

const textOf = (content) =>
  typeof content === "string" ? content : content.map((part) => part.text ?? "").join("");

/** The value itself, unless it is no object or reports an error. */
function checked(value) {
  if (!isObject(value)) throw wrongShape("the answer is no JSON object");
  if (!isObject(value.error)) return value;
  const status = countAt(value, "error", "status") ?? 200;
  const message = textAt(value, "error", "message") ?? "";
  throw failureOf({ status, headers: {}, body: new Uint8Array(), wallMs: 0 }, { message });
}

function completionOf(value) {
  const text = textAt(value, "text");
  const finish = finishOf(value);
  if (text === undefined || !finish) throw wrongShape("the answer has no text or no finish");
  const usage = usageOf(value);
  return { text, reasoning: "", toolCalls: [], finish, ...(usage && { usage }) };
}

/** Reads one stream; "done" only at the vendor's own end, so that a cut stream never passes for a whole answer. */
function createDecoder() {
  return ({ data }) => {
    const line = checked(parseJson(data));
    const events = [];
    const text = textAt(line, "text");
    if (text) events.push({ type: "delta", text });
    const finish = finishOf(line);
    const usage = usageOf(line);
    if (finish) events.push({ type: "finish", finish });
    if (usage) events.push({ type: "usage", usage });
    if (finish) events.push({ type: "done" });
    return events;
  };
}

function finishOf(value) {
  const finish = textAt(value, "finish");
  if (finish === undefined || finish === "stop" || finish === "length") return finish;
  throw wrongShape("the answer has an unknown finish");
}

const usageOf = (value) =>
  reportedUsage({ input: countAt(value, "usage", "input"), output: countAt(value, "usage", "output") });

function modelsOf(reply) {
  const value = checked(parseJson(reply.body));
  if (!Array.isArray(valueAt(value, "models"))) throw wrongShape("the list of models is no list");
  return listAt(value, "models").map((entry) => {
    const model = textAt(entry, "name");
    if (!model) throw wrongShape("a model has no name");
    return { model };
  });
}
`;
