import type { Dialect, Received } from "./simulator.ts";

interface Telling {
  /** It takes no begun answer. */
  readonly refusesPrefill?: boolean;
}

/** A vendor whose model always tells the same text: from its start, or from where a begun answer leaves off. */
export function tellingDialect(dialect: Dialect, text: string, { refusesPrefill }: Telling = {}): Dialect {
  return {
    ...dialect,
    render(scenario, request) {
      const begun = begunOf(request);
      if (begun !== "" && refusesPrefill)
        return dialect.render({ kind: "failure", failure: "bad_request" }, request);
      const rest = text.startsWith(begun) ? text.slice(begun.length) : text;
      const told = scenario.kind === "answer" ? { ...scenario, tokens: [...rest] } : scenario;
      return dialect.render(told, request);
    },
  };
}

/** The begun answer at the end of a request's messages, in the words of OpenAI and of Anthropic. */
function begunOf({ json }: Received): string {
  const { messages = [] } = json as { readonly messages?: readonly Message[] }; // What is no message has no role.
  const last = messages.at(-1);
  if (last?.role !== "assistant") return "";
  const { content } = last;
  return typeof content === "string" ? content : content.map(({ text }) => text).join("");
}

interface Message {
  readonly role: string;
  readonly content: string | readonly { readonly text: string }[];
}
