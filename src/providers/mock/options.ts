import { z } from "zod";
import type { Resolved } from "../../core/secret.ts";
import { durationField, fields } from "../fields.ts";
import type { ScriptStep } from "./script.ts";

const tokens = z.int().min(0);

const stepField = z
  .union([
    z.enum(["ok", "timeout", "malformed"]),
    z.strictObject({ status: z.int().min(300).max(599), retry_after: durationField().optional() }),
    z.strictObject({ cut_after_tokens: tokens }),
    z.strictObject({ stall_after_tokens: tokens }),
    z.strictObject({ error_after_tokens: tokens }),
  ])
  .transform((entry): ScriptStep => {
    if (typeof entry === "string") return { kind: entry };
    if ("status" in entry) {
      const { status, retry_after: retryAfterMs } = entry;
      return { kind: "status", status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    if ("cut_after_tokens" in entry) return { kind: "cut", afterTokens: entry.cut_after_tokens };
    if ("stall_after_tokens" in entry) return { kind: "stall", afterTokens: entry.stall_after_tokens };
    return { kind: "error", afterTokens: entry.error_after_tokens };
  });

/** The mock's own keys in providers.yaml; every one has a default in the code that reads it. */
export const mockOptions = fields({
  reply: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  latency: durationField().optional(),
  token_interval: durationField().optional(),
  script: z.array(stepField).min(1).optional(),
  fail_after: z.int().min(0).optional(),
  always_fail: z.boolean().optional(),
  usage: z.strictObject({ input: tokens, output: tokens }).optional(),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
}).refine(
  ({ script, failAfter, alwaysFail }) =>
    [script, failAfter, alwaysFail || undefined].filter((given) => given !== undefined).length <= 1,
  "give only one of script, fail_after and always_fail",
);
export type MockOptions = Resolved<z.infer<typeof mockOptions>>;
