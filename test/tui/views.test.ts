import { describe, expect, it } from "vitest";
import { createPainter } from "../../src/output/style.ts";
import type { DashboardData } from "../../src/tui/data.ts";
import { frame } from "../../src/tui/frame.ts";
import { lineWidth, plainText } from "../../src/tui/line.ts";
import { NOTHING_SHOWN } from "../../src/tui/nothing-shown.ts";
import { onceText } from "../../src/tui/once.ts";
import { type State, VIEWS } from "../../src/tui/state.ts";
import { AT, budget, circuit, request, sample } from "./sample.ts";
import { FRESH, screen, stateOf } from "./shown.ts";

describe("every view", () => {
  const sizes = [
    [60, 15],
    [80, 24],
    [97, 31],
    [139, 40],
    [200, 60],
    [400, 20],
  ] as const;

  const looks = sizes.flatMap(([columns, rows]) => [false, true].map((ascii) => ({ columns, rows, ascii })));

  it.each(VIEWS)("fills the screen and no more of it, at every size: %s", (view) => {
    for (const look of looks) {
      for (const data of [sample(), { ...NOTHING_SHOWN, ...EMPTY }]) {
        const lines = frame(data, stateOf(view), look, FRESH);
        const wide = lines.filter((line) => lineWidth(line) > look.columns);
        expect([look, lines.length, wide.map(plainText)]).toEqual([look, look.rows, []]);
      }
    }
  });

  it.each(VIEWS)("is ASCII alone where that is asked for: %s", (view) => {
    for (const look of looks.filter(({ ascii }) => ascii)) {
      const text = frame(sample(), stateOf(view), look, FRESH).map(plainText).join("");
      expect(text).toMatch(/^[\x20-\x7e]*$/);
    }
  });

  it.each(VIEWS)("says where there is nothing to show, and makes nothing up: %s", (view) => {
    const look = { columns: undefined, ascii: true, painter: createPainter(false) };
    const text = onceText({ ...NOTHING_SHOWN, ...EMPTY }, stateOf(view), look);
    expect(text).toMatch(/no |none|nothing/);
    expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});

const EMPTY = { source: "ledger", at: AT, in_flight: null, waiting: null, health: null } as const;

it("keeps the chosen provider of the overview on the screen, and every line of the keys whole", () => {
  for (const selected of [0, 1, 17, 58, 59]) {
    const look = { columns: 80, rows: 24, ascii: false };
    const lines = frame(crowded(60), stateOf("overview", { selected }), look, FRESH).map(plainText);
    expect([selected, lines.filter((line) => line.startsWith("› "))]).toEqual([
      selected,
      [expect.stringContaining(`provider-${selected + 100}`)],
    ]);
  }
  for (const view of VIEWS) expect(screen(view, 80, 24, { overlay: { kind: "help" } })).not.toContain("…");
});

it.each([
  ["costs", (n: number) => `model-${n}`],
  ["tenants", (n: number) => `tenant-${n}`],
  ["performance", (n: number) => `p/model-${n}`],
  ["circuits", (n: number) => `provider-${n + 100}`],
  ["requests", (n: number) => `model-${n}`],
] as const)("what is chosen stays on the screen, and its heads too: %s", (view, nameOf) => {
  const data = crowded(60);
  const look = { columns: 100, rows: 24, ascii: false };
  for (const selected of [0, 1, 17, 30, 58, 59]) {
    const lines = frame(data, stateOf(view, { selected }), look, FRESH).map(plainText);
    const marked = lines.filter((line) => line.startsWith("› "));
    expect([selected, marked]).toEqual([selected, [expect.stringContaining(nameOf(selected))]]);
    expect(lines[2]).toMatch(/model|tenant|target|provider|time/);
  }
});

/** So many of everything that has rows. */
function crowded(size: number): DashboardData {
  const data = sample();
  const many = <T>(make: (n: number) => T): T[] => Array.from({ length: size }, (_, n) => make(n));
  const [row] = data.costs.rows;
  const [tenant] = data.tenants;
  const [target] = data.performance.targets;
  if (!row || !tenant || !target) throw new Error("the sample has rows");
  return {
    ...data,
    costs: { ...data.costs, rows: many((n) => ({ ...row, key: { model: `model-${n}` } })) },
    tenants: many((n) => ({ ...tenant, name: `tenant-${n}` })),
    performance: {
      ...data.performance,
      targets: many((n) => ({ ...target, provider: "p", model: `model-${n}` })),
    },
    circuits: many((n) => circuit({ provider: `provider-${n + 100}` })),
    requests: many((n) => request(n, { provider: "p", model: `model-${n}` })),
  };
}

describe("the overview", () => {
  const circuits = [
    circuit(),
    circuit({ operation: "embedding", state: "open", retry_at: "2026-11-23T09:35:17Z" }),
    circuit({ provider: "second" }),
    circuit({ provider: "second", operation: "embedding" }),
    circuit({ provider: "third", hold: { code: "rate_limited", until: "2026-11-23T09:36:00Z" } }),
    circuit({
      ...{ provider: "third", operation: "embedding" },
      hold: { code: "rate_limited", until: "2026-11-23T09:36:00Z" },
    }),
  ];
  const providers = (more: Partial<State>, own = circuits): readonly string[] => {
    const data = sample({ circuits: own, health: null });
    const lines = frame(data, stateOf("overview", more), { columns: 100, rows: 40, ascii: false }, FRESH);
    const texts = lines.map((line) => plainText(line).trimEnd());
    const at = texts.findIndex((text) => text.includes(" Providers "));
    return texts.slice(
      at + 1,
      texts.findIndex((text) => text.includes(" Budgets ")),
    );
  };

  it("says of which operation a circuit is, where only that one does not let requests through", () => {
    expect(providers({})).toEqual([
      "› main    open    embedding, retry 09:35:17  20 attempts, 75% ok, p95 180 ms",
      "  second  closed                             not asked",
      "  third   held    until 09:36:00             not asked",
    ]);
  });

  it("chooses, filters and sorts providers", () => {
    expect(providers({ selected: 2 })[2]).toMatch(/^› third/);
    expect(providers({ filter: "second" })).toEqual(["› second  closed  not asked"]);
    expect(providers({ filter: "nobody" })).toEqual(["  no provider matches"]);
    expect(providers({ errorsOnly: true }).map((line) => line.slice(2, 7))).toEqual(["main ", "third"]);
    const sorts = { ...stateOf("overview").sorts, overview: 1 };
    const reversed = circuits.toReversed();
    expect(providers({}, reversed)[0]).toMatch(/^› third/);
    expect(providers({ sorts }, reversed)[0]).toMatch(/^› main/);
  });

  it("shows totals, providers, budgets, alerts and what happened at 80 by 24", () => {
    const text = screen("overview");
    expect(text).toContain("$0.02500  76 requests, 3 failed (3.9%)");
    expect(text).toContain("3 running, 1 waiting");
    expect(text).toMatch(/main {4}degraded +closed +20 attempts, 75% ok, p95 180 ms/);
    expect(text).toMatch(/broken +unknown +open +retry 09:35:17 +not asked/);
    expect(text).toContain("all 96 attempts since 2026-11-23 09:00");
    expect(text).toMatch(/search, day +█+.* 90\.0% {2}\$0\.04500 of \$0\.05000/);
    expect(text).toContain("09:20:00  budget    search, day: 80% reached");
    expect(text).toContain("09:34:49  failover  main/fast → second/fast: rate_limited");
  });

  it("says nothing of how well attempts went that were all cancelled", () => {
    const { performance } = sample();
    const none = { p50: null, p95: null, p99: null };
    const cancelled = { provider: "main", attempts: 3, failed: 0, success_rate: null, total_ms: none };
    const data = sample({ performance: { ...performance, providers: [cancelled] } });
    const lines = frame(data, stateOf("overview"), { columns: 100, rows: 40, ascii: false }, FRESH);
    expect(lines.map(plainText).join("\n")).toMatch(/main .* 3 attempts, none ended\n/);
  });

  it("says what a budget will come to only where that is known", () => {
    const forecast = { mean_usd: "0.6", low_usd: "0.4", high_usd: "0.8" };
    const text = (budgets: readonly ReturnType<typeof budget>[]) =>
      frame(sample({ budgets }), stateOf("costs"), { columns: 120, rows: 40, ascii: false }, FRESH)
        .map(plainText)
        .join("\n");
    expect(text([budget()])).toContain("$0.06300/day so far");
    expect(text([budget()])).not.toContain("forecast");
    expect(text([budget({ forecast })])).toContain("forecast $0.6000, over it");
    const near = { mean_usd: "0.45", low_usd: "0.4", high_usd: "0.8" };
    expect(text([budget({ forecast: near })])).toContain("forecast $0.4500, may go over");
    expect(text([budget()])).toMatch(/Budgets ─+ two days are known ─/);
    const reasons = [budget(), budget({ forecast_reason: "one day is known" })];
    expect(text(reasons)).toContain("some have no forecast: riptide costs forecast");
    expect(text([budget({ forecast, forecast_reason: null })])).toMatch(/Budgets ─+\n/);
  });

  it.each([80, 96, 100, 140])("says whole what becomes of a budget, at %i columns", (columns) => {
    const forecast = { mean_usd: "0.6", low_usd: "0.4", high_usd: "0.8" };
    const budgets = [
      budget({ tenant: "search", forecast, forecast_reason: null, burn_usd_per_day: "0.063" }),
      budget({ tenant: "a-tenant-with-a-long-name", reserved_usd: "0.25" }),
      budget({ tenant: "batch" }),
    ];
    const look = { columns, rows: 24, ascii: false };
    const lines = frame(sample({ budgets }), stateOf("costs"), look, FRESH).map((line) =>
      plainText(line).trim(),
    );
    const of = (name: string) => lines.find((line) => line.startsWith(name));
    expect(of("search, day")).toMatch(/ forecast \$0\.6000(, over it(, \$0\.06300\/day so far)?)?$/);
    expect(of("batch, day")).toMatch(/ \$0\.06300\/day( so far)?$/);
    expect(of("a-tenant")).toMatch(/ of \$0\.5000(, \$0\.2500 held)?( {2}\$0\.06300\/day( so far)?)?$/);
  });
});

describe("the other views", () => {
  it("shows costs by model, with what the rows add up to", () => {
    const text = screen("costs");
    expect(text.split("\n")[0]).toContain(" 1 overview›2 costs 3 tenants");
    expect(text).toContain("─ $0.02500 this month, by cost ");
    expect(text).toMatch(/› second\/fast +66 +3 +726 +0 +1056 +\$0\.02190 +86\.9%/);
    expect(text).toContain("most $0.02100, last $0.02100");
  });

  it("shows tenants beside their limits", () => {
    expect(screen("tenants", 120)).toMatch(
      /search +throttled +24\/60 +654 +\$0\.008600 +1\/4 +21 +24 +\$0\.008600/,
    );
  });

  it("shows a histogram of the chosen target, and none of fewer than five answers", () => {
    const text = screen("performance", 80, 30, { selected: 1 });
    expect(text).toContain("Latency of main/fast");
    expect(text).toContain("Errors of main/fast");
    expect(text).toMatch(/to 100 ms {2}█{46} 9 \(60%\)/);
    expect(text).toContain("rate_limited 5");
    const few = sample();
    const performance = {
      ...few.performance,
      targets: few.performance.targets.map((each) => ({ ...each, latency: [1, 2] })),
    };
    const lines = frame(
      { ...few, performance },
      stateOf("performance"),
      { columns: 80, rows: 24, ascii: false },
      FRESH,
    );
    expect(lines.map(plainText).join("\n")).toContain("5 answers are the least for a histogram");
  });

  it("shows circuits with the time until they are tried again, and the last hour of each provider", () => {
    const text = screen("circuits", 120);
    expect(text).toMatch(/broken +completion +open +10\/10 +0% +in 17 s +provider_error/);
    expect(text).toMatch(/main +·{59}▲/);
    expect(text).toMatch(/second +·{59}▪/);
    expect(text).toMatch(/broken +·{59}✖/);
  });

  it("shows until when a provider is held, where that is longer", () => {
    const held = circuit({ hold: { code: "rate_limited", until: "2026-11-23T09:36:00Z" } });
    const lines = frame(
      sample({ circuits: [held] }),
      stateOf("circuits"),
      { columns: 120, rows: 24, ascii: false },
      FRESH,
    );
    expect(lines.map(plainText).join("\n")).toMatch(/closed, held: rate_limited +0\/6 +100% +in 1 m/);
  });

  it("keeps the chosen request on the screen", () => {
    expect(screen("requests", 160, 24, { selected: 35 })).toMatch(/› .*rq_0036/);
    expect(screen("requests", 160, 24)).toMatch(/› .*rq_0001/);
  });

  it("leaves out columns before it cuts what matters", () => {
    expect(screen("requests", 60, 20)).toMatch(/second\/fast +ok +90 ms +\$0\.0003320/);
    expect(screen("requests", 60, 20)).not.toContain("ttft");
  });

  it.each([60, 80, 97, 120])("never cuts the time or the id of a request, at %i columns", (columns) => {
    const requests = [
      request(1, { id: "rq_01M84HRKC8462D5Q2KEA7AMM80", error_code: "context_too_long", outcome: "error" }),
      request(2, { started_at: "2026-11-22T23:59:59.000Z" }),
    ];
    const lines = frame(
      sample({ requests }),
      stateOf("requests"),
      { columns, rows: 20, ascii: false },
      FRESH,
    );
    const text = lines.map(plainText).join("\n");
    expect(text).toContain("› 09:34:01 ");
    expect(text).toContain("  11-22 23:59:59 ");
    expect(text).not.toMatch(/rq_\w*…/);
  });
});

describe("a view that is printed", () => {
  const id = "rq_01M84HRKC8462D5Q2KEA7AMM80";
  const model = "a-model-with-a-name-that-is-longer-than-any-column-of-a-terminal-would-like-it-to-be";
  const data = sample({ requests: [request(1, { id, model, requested_model: model })] });
  const text = (columns: number | undefined) =>
    onceText(data, stateOf("requests"), { columns, ascii: false, painter: createPainter(false) });

  it("is whole where no terminal prints it", () => {
    expect(text(undefined)).toContain(` ${id}\n`);
    expect(text(undefined)).toContain(` ${model} `);
  });

  it("is no wider than the terminal that prints it", () => {
    for (const line of text(40).split("\n")) expect(line.length).toBeLessThanOrEqual(40);
    expect(text(40)).toContain("riptide requests, this month, 09:35:00 …");
  });
});
