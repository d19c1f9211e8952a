import type { Work } from "./measure.ts";
import { behaviourOf } from "./tokens.ts";
import { TENANTS } from "./yaml.ts";

/** A request and how often it is made, in the fewest words. */
export interface Asked extends Partial<Work> {
  readonly model: string;
  readonly dialect?: "openai" | "anthropic";
  readonly stream?: boolean;
  readonly tenant?: string;
}

const PATHS = { openai: "/v1/chat/completions", anthropic: "/v1/messages" } as const;
const PROMPT = "Say in a few words what the tide does to a harbour at noon.";

/** The order for these requests; everybody asks in full, so that a pass-through gets the same answers. */
export function workOf(asked: Asked): Work {
  const { model, dialect = "openai", stream = false, tenant = TENANTS.bench, ...rest } = asked;
  const messages = [{ role: "user", content: PROMPT }];
  const options = dialect === "openai" && stream ? { stream_options: { include_usage: true } } : {};
  return {
    path: PATHS[dialect],
    headers: {
      "x-riptide-tenant": tenant,
      authorization: "Bearer sk-any",
      "anthropic-version": "2023-06-01",
    },
    body: JSON.stringify({ model, max_tokens: 1_024, stream, ...options, messages }),
    tokens: stream ? behaviourOf(model).tokens : undefined,
    ...{ connections: 64, rampMs: 0, warmMs: 1_500, measureMs: 3_000, finishMs: 5_000 },
    ...rest,
  };
}
