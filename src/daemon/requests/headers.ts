import { usdText } from "../../core/money.ts";
import { costOfAttempts } from "../../engine/cost.ts";
import type { PipelineEvent, Trail } from "../../engine/events.ts";
import type { Target } from "../../routing/target.ts";
import type { Headers } from "../http/exchange.ts";
import type { Work } from "../observer.ts";
import type { Admitted } from "./admit.ts";

/** The `x-riptide-*` headers of a whole answer. */
export function answerHeaders(
  result: Trail & { readonly id: string; readonly provider: string; readonly model: string },
  { lease, work }: Pick<Admitted, "lease" | "work">,
  warnings: readonly string[],
): Headers {
  const { nano, priced } = costOfAttempts(result.attempts);
  return {
    ...idHeaders(work.dialect, result.id),
    "x-riptide-provider": plain(result.provider),
    "x-riptide-model": plain(result.model),
    "x-riptide-attempts": String(result.attempts.length),
    ...(priced && { "x-riptide-cost-usd": usdText(nano) }),
    "x-riptide-generation": String(lease.number),
    ...warningHeader(warnings),
  };
}

/** The same of a stream, as far as it is known when its first text goes out. */
export function streamHeaders(
  { facts, lease, work }: Admitted,
  warnings: readonly string[],
): { note(event: PipelineEvent): void; headers(): Headers } {
  let target: Target | undefined;
  let attempts = 1;
  return {
    note(event) {
      if (event.type === "start") target = event.plan[0];
      else if (event.type === "failover") target = event.to;
      else if (event.type === "attempt" && event.attempt.outcome !== "ok") attempts = event.attempt.n + 1;
    },
    headers: () => ({
      ...idHeaders(work.dialect, facts.id),
      ...(target && { "x-riptide-provider": plain(target.provider), "x-riptide-model": plain(target.model) }),
      "x-riptide-attempts": String(attempts),
      "x-riptide-generation": String(lease.number),
      ...warningHeader(warnings),
    }),
  };
}

/** The request's id, also where the vendor's own programs look for it. */
export const idHeaders = (dialect: Work["dialect"], id: string): Headers => ({
  "x-riptide-request-id": id,
  ...(dialect === "openai" && { "x-request-id": id }),
  ...(dialect === "anthropic" && { "request-id": id }),
});

const MAX_WARNING_CHARACTERS = 1_000;

export const warningHeader = (warnings: readonly string[]): Headers =>
  warnings.length === 0
    ? {}
    : { "x-riptide-warnings": plain(warnings.join("; ")).slice(0, MAX_WARNING_CHARACTERS) };

/** A header takes neither line breaks nor letters outside Latin. */
const plain = (text: string): string => text.replace(/[^\x20-\x7e]+/g, " ");
