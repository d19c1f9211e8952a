import { z } from "zod";
import { fields } from "../../providers/fields.ts";
import { STRATEGIES } from "../config.ts";
import { slo } from "./provider.ts";
import { limitField, nameKey } from "./values.ts";

export const strategy = () => z.enum(STRATEGIES);

const target = () =>
  z.string().transform((text, context) => {
    const slash = text.indexOf("/");
    if (slash > 0 && slash < text.length - 1) {
      return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
    }
    context.addIssue({ code: "custom", message: 'expected a target as "provider/model"' });
    return z.NEVER;
  });

const timeouts = () =>
  fields({
    completion: limitField().optional(),
    embedding: limitField().optional(),
    first_token: limitField().optional(),
    stream_idle: limitField().optional(),
    stream_max: limitField().optional(),
  })
    .prefault({})
    .transform((given) => ({
      completionMs: given.completion,
      embeddingMs: given.embedding,
      firstTokenMs: given.firstToken,
      streamIdleMs: given.streamIdle,
      streamMaxMs: given.streamMax,
    }));

/** Aliases: the names callers ask for, each with its ordered targets. */
export const models = () =>
  z
    .record(
      nameKey(),
      fields({
        strategy: strategy().optional(),
        targets: z.array(target()).min(1),
        timeouts: timeouts(),
        stream_recovery: z.enum(["continue", "off"]).default("continue"),
        slo: slo().optional(),
      }),
    )
    .default({});
