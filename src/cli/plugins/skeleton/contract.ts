/** The vendor's side of the contract suite. */
export const CONTRACT = `import { createFrom } from "riptide/testing";
import { plugin } from "./index.js";

const STATUS = {
  auth: 401, rate_limit: 429, quota: 402, overloaded: 503, server: 500, not_found: 404, bad_request: 400, context: 400,
};

/**
 * The vendor as its documentation describes it: what it refuses, and how it answers. Written without a look at the
 * adapter, so that one mistake does not stand in both.
 * @type {import("riptide/testing").Dialect}
 */
const dialect = {
  name: "acme",
  problems({ method, path, headers, json }) {
    const problems = [];
    if (headers.authorization !== "Bearer acme-test") problems.push("no key");
    if (method === "GET" ? path !== "/models" : path !== "/chat") problems.push("no such route");
    if (method === "POST" && json?.model !== "acme-1") problems.push("no such model");
    if (method === "POST" && !Array.isArray(json?.messages)) problems.push("no messages");
    return problems;
  },
  render(scenario, { path, json: asked }) {
    if (scenario.kind === "failure") return failure(scenario);
    if (path === "/models") return whole({ models: [{ name: "acme-1" }] });
    const { tokens = ["ok"], finish = "stop", usage = { input: 1, output: 1 } } = scenario;
    const last = { finish, ...(usage && { usage: { input: usage.input, output: usage.output } }) };
    if (!asked.stream) return whole({ text: tokens.join(""), ...last });
    const lines = [...tokens.map((text) => ({ text })), last];
    // The last event is the marker that the answer is whole.
    return { status: 200, headers: { "content-type": "application/x-ndjson" }, events: lines.map(line), markerEvents: 1 };
  },
  errorEvent: () => line({ error: { status: 503, message: "too busy" } }),
  strangerEvent: () => line({ weather: "calm" }),
};

const line = (value) => JSON.stringify(value) + "\\n";
const whole = (value) => ({
  status: 200,
  headers: { "content-type": "application/json" },
  events: [JSON.stringify(value)],
});

function failure({ failure: kind, retryAfterSeconds }) {
  const message = kind === "context" ? "the prompt is too long" : "no";
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return { ...whole({ error: { message } }), status: STATUS[kind] ?? 400, headers };
}

/** What riptide plugins verify runs; each skip says why. */
export const contracts = [
  {
    name: "acme",
    dialect,
    model: "acme-1",
    create: (url) => createFrom(plugin, { type: "acme", api_key: "acme-test", base_url: url }),
    skips: {
      reasoning: "the vendor shows none",
      tools: "the vendor has none",
      "parallel tools": "the vendor has no tools",
      "forced tool": "the vendor has no tools",
      schema: "the vendor takes none",
      "image bytes": "text only",
      "image url": "text only",
      "cached usage": "the vendor has no cache",
      filter: "the vendor filters nothing",
      "filter failure": "the vendor filters nothing",
      embeddings: "the vendor has none",
      count: "the vendor cannot count",
    },
  },
];
`;
