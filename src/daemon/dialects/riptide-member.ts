import { z } from "zod";
import { STRATEGIES } from "../../config/config.ts";
import { moneyOfNumber, parseMoney } from "../../config/money.ts";
import type { CompletionRequest } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import { isTenantName, TENANT_NAME } from "../../core/tenant.ts";
import { STREAM_RECOVERIES } from "../../engine/operation.ts";
import type { Wishes } from "./dialect.ts";
import { anyName, anyObject, readMember } from "./read-member.ts";

/** What the `riptide` member of a body says, besides the vendor's own words. */
export interface RiptideMember {
  readonly wishes: Wishes;
  /** Goes over what the body says by itself. */
  readonly request: Pick<CompletionRequest, "schema" | "options">;
  readonly showReasoning: boolean | undefined;
  /** A parameter the model cannot take is an error, not a warning. */
  readonly strictParams: boolean;
}

/**
 * Reads the `riptide` member, which a body of any dialect may carry.
 * @param value The member as it came, or undefined.
 * @param model The `model` of the body.
 * @throws RiptideError `invalid_request`
 */
export function riptideMember(value: unknown, model: string | undefined): RiptideMember {
  const said = value === undefined || value === null ? UNSAID : readMember(member, value, "riptide");
  const { fallback } = said;
  return {
    wishes: {
      tenant: said.tenant,
      route: {
        model,
        providers: said.providers,
        exclude: said.exclude,
        strategy: said.strategy,
        ...(fallback === false ? { noFallback: true } : { fallback }),
      },
      timeoutMs: said.timeout_ms,
      maxAttempts: said.max_attempts,
      streamRecovery: said.stream_recovery,
      maxCostNano: said.max_cost_usd,
      tags: said.tags ?? {},
    },
    request: {
      ...(said.schema && { schema: { name: "answer", schema: said.schema } }),
      ...(said.options && { options: said.options }),
    },
    showReasoning: said.show_reasoning,
    strictParams: said.strict_params ?? false,
  };
}

const UNSAID: z.infer<typeof member> = {};

const names = z.array(anyName).optional();

/** US dollars as text or as a number, in nano-dollars. */
const money = z.union([z.string(), z.number()]).transform((amount, context): number => {
  const nano = typeof amount === "number" ? moneyOfNumber(amount) : parseMoney(amount);
  if (nano !== undefined) return nano;
  context.addIssue({ code: "custom", message: "expected an amount such as 0.05, $0.05 or 5c" });
  return z.NEVER;
});

const MAX_TAGS = 20;
const tags = z
  .record(
    z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, "expected a letter and up to 63 letters, digits, . _ or -"),
    z.string().regex(/^[^\p{Cc}]{0,256}$/u, "expected one line of up to 256 characters"),
  )
  .refine((given) => Object.keys(given).length <= MAX_TAGS, `expected ${MAX_TAGS} tags at most`);

/** Fields that RipTide has to know of, so that what is sent is what was allowed, counted and read. */
const OURS = ["model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens"];
const options = anyObject.refine(
  (given: JsonObject) => !OURS.some((name) => Object.hasOwn(given, name)),
  `the members ${OURS.join(", ")} cannot be set here`,
);

const member = z.strictObject({
  tenant: z.string().refine(isTenantName, TENANT_NAME).optional(),
  providers: names,
  exclude: names,
  strategy: z.enum(STRATEGIES).optional(),
  fallback: z.union([names, z.literal(false)], "expected a list of provider/model, or false").optional(),
  max_attempts: z.int().min(1).max(100).optional(),
  stream_recovery: z.enum(STREAM_RECOVERIES).optional(),
  timeout_ms: z.int().min(1).max(999_999_999).optional(),
  max_cost_usd: money.optional(),
  tags: tags.optional(),
  schema: anyObject.optional(),
  options: options.optional(),
  show_reasoning: z.boolean().optional(),
  strict_params: z.boolean().optional(),
});
