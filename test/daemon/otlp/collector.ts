import { createServer, type Server } from "node:http";
import { onTestFinished } from "vitest";
import { z } from "zod";

const nanos = z.string().regex(/^1\d{18}$/);
const whole = z.string().regex(/^\d+$/);
const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: whole }),
  z.strictObject({ doubleValue: z.number() }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const resource = z.strictObject({ attributes });
const scope = z.strictObject({ name: z.string(), version: z.string() });
const spanId = z.string().regex(/^(?!0+$)[0-9a-f]{16}$/);

const span = z.strictObject({
  traceId: z.string().regex(/^(?!0+$)[0-9a-f]{32}$/),
  spanId,
  parentSpanId: spanId.optional(),
  name: z.string().min(1),
  kind: z.union([z.literal(2), z.literal(3)]),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  status: z.strictObject({ code: z.literal(2).optional(), message: z.string().optional() }),
});

const at = { attributes, startTimeUnixNano: nanos, timeUnixNano: nanos };
const numbers = z.array(z.strictObject({ ...at, asDouble: z.number() })).min(1);
const histograms = z.array(
  z
    .strictObject({
      ...at,
      count: whole,
      sum: z.number(),
      bucketCounts: z.array(whole),
      explicitBounds: z.array(z.number()),
    })
    .refine(({ bucketCounts, explicitBounds }) => bucketCounts.length === explicitBounds.length + 1)
    .refine(
      ({ bucketCounts, count }) =>
        bucketCounts.reduce((sum, each) => sum + Number(each), 0) === Number(count),
    ),
);
const named = { name: z.string().min(1), description: z.string(), unit: z.string() };
const metric = z.union([
  z.strictObject({ ...named, gauge: z.strictObject({ dataPoints: numbers }) }),
  z.strictObject({
    ...named,
    sum: z.strictObject({
      aggregationTemporality: z.literal(2),
      isMonotonic: z.literal(true),
      dataPoints: numbers,
    }),
  }),
  z.strictObject({
    ...named,
    histogram: z.strictObject({ aggregationTemporality: z.literal(2), dataPoints: histograms.min(1) }),
  }),
]);

/** The whole of OTLP in JSON that is spoken here, strictly (opentelemetry-proto, trace/v1 and metrics/v1). */
const BODIES = {
  "/v1/traces": z.strictObject({
    resourceSpans: z.tuple([
      z.strictObject({
        resource,
        scopeSpans: z.tuple([z.strictObject({ scope, spans: z.array(span).min(1) })]),
      }),
    ]),
  }),
  "/v1/metrics": z.strictObject({
    resourceMetrics: z.tuple([
      z.strictObject({
        resource,
        scopeMetrics: z.tuple([z.strictObject({ scope, metrics: z.array(metric) })]),
      }),
    ]),
  }),
} as const;

export type Span = z.infer<typeof span>;
export type Metric = z.infer<typeof metric>;

/** A collector on loopback that takes only what is right. */
export async function openCollector(): Promise<Collector> {
  const spans: Span[] = [];
  const texts: string[] = [];
  const problems: string[] = [];
  let metrics: readonly Metric[] = [];
  const take = (path: string, text: string): number => {
    texts.push(text);
    const body: unknown = JSON.parse(text);
    if (path === "/v1/traces") {
      spans.push(...BODIES[path].parse(body).resourceSpans[0].scopeSpans[0].spans);
    } else if (path === "/v1/metrics") {
      metrics = BODIES[path].parse(body).resourceMetrics[0].scopeMetrics[0].metrics;
    } else return 404;
    return 200;
  };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      let status = 400;
      try {
        const isJson = request.method === "POST" && request.headers["content-type"] === "application/json";
        status = isJson ? take(request.url ?? "", text) : 415;
      } catch (thrown) {
        problems.push(String(thrown));
      }
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, spans, texts, problems, metrics: () => metrics };
}

export interface Collector {
  readonly url: string;
  /** All that came, in order. */
  readonly spans: readonly Span[];
  readonly texts: readonly string[];
  /** What was wrong with what came. */
  readonly problems: readonly string[];
  /** Those that came last. */
  metrics(): readonly Metric[];
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** Attributes by their keys. */
export const valuesOf = ({ attributes: all }: Pick<Span, "attributes">): Readonly<Record<string, unknown>> =>
  Object.fromEntries(all.map(({ key, value: held }) => [key, Object.values(held)[0]]));
