import { ERRORS } from "../core/errors.ts";

/** A text of its own, generated from what the program does. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  text(): string;
  document(): object;
}

const EXIT_NAMES: Readonly<Record<number, string>> = {
  0: "OK",
  1: "FAILED",
  2: "USAGE",
  3: "CONFIG",
  4: "AUTH",
  5: "UNAVAILABLE",
  6: "TIMEOUT",
  7: "RATE_LIMITED",
  8: "BUDGET",
  9: "REJECTED",
  10: "NO_DAEMON",
  11: "PROTOCOL",
  12: "DEGRADED",
  13: "BAD_OUTPUT",
  70: "BUG",
  130: "INTERRUPTED",
  143: "TERMINATED",
};

/** Exit codes after which the same call may succeed. */
const RETRYABLE = new Set([5, 6, 7, 10]);

function exitCodes() {
  return Object.entries(EXIT_NAMES).map(([text, name]) => {
    const code = Number(text);
    const errors = Object.entries(ERRORS).filter(([, { exit }]) => exit === code);
    return { code, name, retryable: RETRYABLE.has(code), errors: errors.map(([error]) => error) };
  });
}

const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ["RIPTIDE_CONFIG", "providers.yaml to use, as --config"],
  ["RIPTIDE_OUTPUT", "output format, as -o; text where a command has no such format"],
  ["RIPTIDE_TIMEOUT", "deadline of the call, as --timeout"],
  ["RIPTIDE_STDIN", "auto, always or never, as --stdin"],
  ["RIPTIDE_STATE_DIR", "where the cache is kept"],
  ["RIPTIDE_DISCOVER", "aws: take AWS credentials of the shell as consent to use Bedrock"],
  ["RIPTIDE_<PATH>", "one value of the configuration, levels apart by __ (RIPTIDE_TIMEOUTS__COMPLETION=10s)"],
  ["OPENAI_API_KEY", "makes provider openai without a file (with OPENAI_BASE_URL)"],
  ["ANTHROPIC_API_KEY", "makes provider anthropic without a file (with ANTHROPIC_BASE_URL)"],
  ["AZURE_OPENAI_API_KEY", "makes provider azure, with AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_DEPLOYMENT"],
  ["AWS_BEARER_TOKEN_BEDROCK", "makes provider bedrock, with AWS_REGION"],
  ["GOOGLE_APPLICATION_CREDENTIALS", "makes provider vertex, with GOOGLE_CLOUD_PROJECT"],
  ["OLLAMA_HOST", "makes provider ollama"],
  ["HTTPS_PROXY, NO_PROXY", "proxy for https endpoints, and hosts it is not used for"],
  ["NODE_EXTRA_CA_CERTS", "a file of certificates to trust as well"],
  ["NO_COLOR, FORCE_COLOR", "colour off or on; --color decides over both"],
];

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join("");
};

/** The topics of `riptide help`. */
export const TOPICS: readonly Topic[] = [
  {
    name: "exit-codes",
    summary: "what each exit code means",
    text: () => {
      const rows = exitCodes().map(
        ({ code, name, errors }) =>
          [`${String(code).padStart(3)} ${name}`, errors.join(" ") || "success"] as const,
      );
      return `Exit codes and their error codes. Worth retrying: ${[...RETRYABLE].join(", ")}.\n\n${table(rows)}`;
    },
    document: () => ({ schema: "riptide.exit_codes/1", exit_codes: exitCodes() }),
  },
  {
    name: "environment",
    summary: "variables that are read",
    text: () => `Precedence: flag, variable, file, default.\n\n${table(VARIABLES)}`,
    document: () => ({
      schema: "riptide.environment/1",
      variables: VARIABLES.map(([name, meaning]) => ({ name, meaning })),
    }),
  },
];
