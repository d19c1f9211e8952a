import { ERRORS } from "../core/errors.ts";
import { type Row, type Section, sectionsText, wrapped } from "./help-layout.ts";

/** A text of its own, generated from what the program does. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  text(): string;
  document(): object;
}

/** Names and meanings of the exit codes; a code of a later version says what it will be. */
const EXITS: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  0: ["OK", "done; also when the reader of stdout has gone"],
  1: ["FAILED", "the output cannot be written, or what was named is not there or is in the way"],
  2: ["USAGE", "wrong flag, argument, value, alias or model; no prompt; unusable input"],
  3: ["CONFIG", "no usable configuration, a secret is missing, or the runtime is too old"],
  4: ["AUTH", "the provider refused the key, or the account, or does not know the model"],
  5: ["UNAVAILABLE", "no provider answered, or the answer was cut"],
  6: ["TIMEOUT", "no answer in time, or the stream fell silent"],
  7: ["RATE_LIMITED", "refused for now; the JSON error says how long to wait"],
  8: ["BUDGET", "refused by a budget or a limit of cost, or ended by one"],
  9: ["REJECTED", "the request cannot be served: filtered, too long, not supported"],
  10: ["NO_DAEMON", "no daemon is running"],
  11: ["PROTOCOL", "the daemon speaks another version"],
  12: ["DEGRADED", "works with warnings, and the caller asked to know"],
  13: ["BAD_OUTPUT", "the answer is not valid against the schema, or not complete"],
  70: ["BUG", "a mistake in riptide itself"],
  130: ["INTERRUPTED", "ended by SIGINT (Ctrl-C)"],
  143: ["TERMINATED", "ended by SIGTERM"],
};

/** Exit codes after which the same call may succeed. */
const RETRYABLE = new Set([5, 6, 7, 10]);

function exitCodes() {
  return Object.entries(EXITS).map(([text, [name, meaning]]) => {
    const code = Number(text);
    const errors = Object.entries(ERRORS).filter(([, { exit }]) => exit === code);
    return {
      code,
      name,
      meaning,
      retryable: RETRYABLE.has(code),
      errors: errors.map(([error]) => error),
    };
  });
}

function exitRow({ code, name, meaning, errors }: ReturnType<typeof exitCodes>[number]): Row {
  return [`${String(code).padStart(3)} ${name}`, [meaning, errors.join(" ")].filter(Boolean).join("\n")];
}

const VARIABLES: readonly Section[] = [
  {
    title: "RipTide",
    rows: [
      ["RIPTIDE_CONFIG", "providers.yaml to use, as --config"],
      ["RIPTIDE_OUTPUT", "output format, as -o; text where a command has no such format"],
      ["RIPTIDE_TIMEOUT", "deadline of the call, as --timeout"],
      ["RIPTIDE_STDIN", "auto, always or never, as --stdin"],
      ["RIPTIDE_TENANT", "who the call is for, as --tenant"],
      ["RIPTIDE_TENANT_KEY", "the key of that tenant, which the daemon asks for where it has one"],
      ["RIPTIDE_DAEMON", "auto, off or require, as --daemon"],
      ["RIPTIDE_SOCKET", "the daemon's socket, as --socket"],
      ["RIPTIDE_MAX_COST", "the most one call may cost, as --max-cost"],
      ["RIPTIDE_STATE_DIR", "where the ledger and the cache are kept (~/.local/state/riptide)"],
      ["RIPTIDE_DISCOVER", "aws: the shell's AWS credentials may be used for Bedrock without a file"],
      [
        "RIPTIDE_<PATH>",
        "one value of the configuration, levels apart by two underscores: RIPTIDE_TIMEOUTS__COMPLETION=10s",
      ],
    ],
  },
  {
    title: "Providers without a configuration file",
    rows: [
      ["OPENAI_API_KEY", "openai; OPENAI_BASE_URL sets another address"],
      ["ANTHROPIC_API_KEY", "anthropic; ANTHROPIC_BASE_URL sets another address"],
      ["AZURE_OPENAI_API_KEY", "azure, with AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_DEPLOYMENT"],
      ["AWS_BEARER_TOKEN_BEDROCK", "bedrock, with AWS_REGION"],
      ["GOOGLE_APPLICATION_CREDENTIALS", "vertex, with GOOGLE_CLOUD_PROJECT"],
      ["OLLAMA_HOST", "ollama; without it a server on 127.0.0.1:11434 is found by itself"],
    ],
  },
  {
    title: "Network and terminal",
    rows: [
      ["HTTPS_PROXY, NO_PROXY", "proxy for https endpoints, and the hosts it is not used for"],
      ["NODE_EXTRA_CA_CERTS", "a file of certificates to trust as well"],
      ["NO_COLOR, FORCE_COLOR", "colour off or on; --color decides over both"],
      ["TERM=dumb", "no colour, ASCII symbols"],
      ["GITHUB_STEP_SUMMARY", "file to which riptide health adds its report, with the github reporter"],
    ],
  },
];

/** The topics of `riptide help`. */
export const TOPICS: readonly Topic[] = [
  {
    name: "exit-codes",
    summary: "what each exit code means",
    text: () =>
      `${wrapped(`Exit codes and the error codes that lead to them. Worth retrying: ${[...RETRYABLE].join(", ")}.`)}\n${sectionsText([{ title: "Exit codes", rows: exitCodes().map(exitRow) }])}`,
    document: () => ({ schema: "riptide.exit_codes/1", exit_codes: exitCodes() }),
  },
  {
    name: "environment",
    summary: "variables that are read",
    text: () => `A flag wins over a variable, a variable over the file.\n${sectionsText(VARIABLES)}`,
    document: () => ({
      schema: "riptide.environment/1",
      variables: VARIABLES.flatMap(({ rows }) => rows).map(([name, meaning]) => ({ name, meaning })),
    }),
  },
];
