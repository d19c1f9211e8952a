import type { Failure, Rendered } from "../simulator.ts";

const TYPE = "type.googleapis.com/google.rpc.";

const FAILURES: Readonly<Record<Failure["failure"], readonly [number, string, string]>> = {
  auth: [401, "UNAUTHENTICATED", "Request had invalid authentication credentials."],
  rate_limit: [429, "RESOURCE_EXHAUSTED", "Resource exhausted. Please try again later."],
  quota: [429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."],
  overloaded: [503, "UNAVAILABLE", "The model is overloaded."],
  server: [500, "INTERNAL", "Internal error encountered."],
  not_found: [404, "NOT_FOUND", "Publisher Model `gemini-none` was not found."],
  bad_request: [400, "INVALID_ARGUMENT", "Request contains an invalid argument."],
  context: [
    400,
    "INVALID_ARGUMENT",
    "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
  ],
  filter: [400, "INVALID_ARGUMENT", "This never comes as an error."],
};

/** A failure in Google's shape; some of its servers put it in a list. */
export function googleFailure({ failure, retryAfterSeconds }: Failure): Rendered {
  const [code, status, message] = FAILURES[failure];
  const details = [
    ...(retryAfterSeconds ? [{ "@type": `${TYPE}RetryInfo`, retryDelay: `${retryAfterSeconds}s` }] : []),
    ...(failure === "quota"
      ? [
          {
            "@type": `${TYPE}QuotaFailure`,
            violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel" }],
          },
        ]
      : []),
  ];
  const body = { error: { code, message, status, details } };
  return reply(code, failure === "server" ? [body] : body);
}

export const reply = (status: number, body: unknown): Rendered => ({
  status,
  headers: { "content-type": "application/json; charset=UTF-8" },
  events: [JSON.stringify(body)],
});

/** In the middle of a stream the error is bare JSON, over several lines and without `data:`. */
export const bareError = (): string =>
  `${JSON.stringify({ error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }, null, 2)}\r\n`;
