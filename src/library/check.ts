import { z } from "zod";
import { issuesOf } from "../config/issues.ts";
import { type Path, pathText } from "../config/position.ts";
import type { ContentPart, Effort, ImageMime, ToolChoice } from "../core/completion.ts";
import { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { STREAM_RECOVERIES } from "../engine/operation.ts";
import type { StrategyName } from "../routing/strategy-name.ts";

const text = z.string();
const name = z.string().min(1);
const names = z.array(name);
const json = z.custom<JsonObject>((value) => isObject(value), "expected an object");

const MIMES = ["image/png", "image/jpeg", "image/webp", "image/gif"] as const satisfies ImageMime[];
const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const satisfies Effort[];
const STRATEGIES = [
  ...["sequential", "lowest-cost", "fastest-first", "round-robin", "health-based"],
] as const satisfies readonly StrategyName[];

const part: z.ZodType<ContentPart> = z.union([
  z.strictObject({ type: z.literal("text"), text }),
  z.strictObject({ type: z.literal("image"), mime: z.enum(MIMES), base64: name }),
  z.strictObject({ type: z.literal("image"), url: name }),
]);
const toolCall = z.strictObject({ id: name, name, arguments: text });
// Only the check is used, not what it gives: an optional member may be there as undefined.
const message = z.discriminatedUnion(
  "role",
  [
    z.strictObject({ role: z.literal("system"), content: text }),
    z.strictObject({ role: z.literal("user"), content: z.union([text, z.array(part).min(1)]) }),
    z.strictObject({
      ...{ role: z.literal("assistant"), content: text },
      toolCalls: z.array(toolCall).optional(),
    }),
    z.strictObject({
      ...{ role: z.literal("tool"), toolCallId: name, name, content: text },
      isError: z.boolean().optional(),
    }),
  ],
  { error: 'expected "system", "user", "assistant" or "tool"' },
);
const tool = z.strictObject({
  ...{ name, parameters: json },
  ...{ description: text.optional(), strict: z.boolean().optional() },
});
const toolChoice: z.ZodType<ToolChoice> = z.union([
  z.enum(["auto", "none", "required"]),
  z.strictObject({ name }),
]);

const REQUEST = z.strictObject({
  model: name.optional(),
  messages: z.array(message).min(1),
  maxTokens: z.int().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  stop: names.optional(),
  seed: z.int().optional(),
  tools: z.array(tool).optional(),
  toolChoice: toolChoice.optional(),
  parallelToolCalls: z.boolean().optional(),
  schema: z.strictObject({ name, schema: json }).optional(),
  effort: z.enum(EFFORTS).optional(),
  options: json.optional(),
});

const signal = z.instanceof(AbortSignal, { error: "expected an AbortSignal" }).optional();

const OPTIONS = z.strictObject({
  signal,
  timeoutMs: z.number().positive().optional(),
  maxCostUsd: z.number().min(0).optional(),
  tenant: text.optional(),
  tags: z.record(name, text).optional(),
  providers: names.optional(),
  fallback: names.optional(),
  strategy: z.enum(STRATEGIES).optional(),
  maxAttempts: z.int().min(1).optional(),
  idempotencyKey: name.optional(),
  strictParams: z.boolean().optional(),
  streamRecovery: z.enum(STREAM_RECOVERIES).optional(),
});

const CLIENT = z.strictObject({
  /** Whom the client asks. */
  provider: z.union([name, names.min(1)]).optional(),
  options: z.object({
    ledger: name.optional(),
    onWarning: z.custom((value) => typeof value === "function", "expected a function").optional(),
  }),
});

const EMBEDDING = z.strictObject({
  texts: z.union([text, z.array(text).min(1)]),
  model: name.optional(),
  dimensions: z.int().min(1).optional(),
});

const PROVIDER = z.object({ id: name, type: name, options: json });

const HEALTH = z.strictObject({
  level: z.enum(["config", "reach", "auth", "deep"]).optional(),
  providers: names.optional(),
  probeTimeoutMs: z.number().positive().optional(),
  timeoutMs: z.number().positive().optional(),
  retries: z.int().min(0).optional(),
  maxCostUsd: z.number().min(0).optional(),
  signal,
});

const COSTS = z.strictObject({
  ...{ since: text.optional(), until: text.optional(), tz: text.optional(), tenant: text.optional() },
  by: names.min(1).optional(),
  include: z.array(z.literal("probe")).optional(),
});

/** Programs without types say anything. @throws RiptideError `usage` that names the member, and none of its values */
export const checkRequest = (value: unknown): void => check(REQUEST, value, "the request");

/** The options of a call or of a client. @throws RiptideError `usage` */
export const checkOptions = (value: unknown): void => check(OPTIONS, value, "the options");

/** What only the maker of a client says. @throws RiptideError `usage` */
export const checkClient = (value: unknown): void => check(CLIENT, value, "the client");

/** @throws RiptideError `usage` */
export const checkEmbedding = (value: unknown): void => check(EMBEDDING, value, "the embedding");

/** @throws RiptideError `usage` */
export const checkHealth = (value: unknown): void => check(HEALTH, value, "the look");

/** @throws RiptideError `usage` */
export const checkCosts = (value: unknown): void => check(COSTS, value, "the report");

/** @throws RiptideError `usage` for what is no provider's configuration */
export const checkProvider = (value: unknown): void => check(PROVIDER, value, "the provider");

/** @throws RiptideError `usage` that says what was wanted */
export function want(isGiven: boolean, wanted: string, hint: string): void {
  if (!isGiven) throw new RiptideError("usage", wanted, { hint });
}

export const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function check(schema: z.ZodObject, value: unknown, what: string): void {
  if (!isObject(value)) throw new RiptideError("usage", `${what} has to be an object`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  const display = (path: Path) => (path.length === 0 ? what : pathText(path));
  const keysAt = (path: Path) => (path.length === 0 ? Object.keys(schema.shape) : []);
  const [issue] = issuesOf(parsed.error, { prefix: [], keysAt, value, display });
  if (!issue) throw new RiptideError("usage", `${what} cannot be used`);
  // These say where by themselves.
  const saysWhere = issue.code === "unknown_key" || issue.code === "missing_key";
  throw new RiptideError("usage", saysWhere ? issue.message : `${display(issue.path)}: ${issue.message}`, {
    // About types a file is helped otherwise than a program.
    ...(issue.suggestion !== undefined && issue.code !== "wrong_type" && { hint: issue.suggestion }),
  });
}
