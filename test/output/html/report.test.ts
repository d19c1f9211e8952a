import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "../../../src/core/period.ts";
import { UTC } from "../../../src/ledger/zone.ts";
import { forecastBudgets } from "../../../src/output/forecasts.ts";
import { html } from "../../../src/output/html/markup.ts";
import { reportPage } from "../../../src/output/html/report.ts";
import { readCosts } from "../../../src/output/read-costs.ts";
import { noInsights, readInsights } from "../../../src/output/read-insights.ts";
import { withRepriced } from "../../../src/output/read-repriced.ts";
import { readStats } from "../../../src/output/read-stats.ts";
import type { Database } from "../../../src/store/database.ts";
import { workspace } from "../../config/workspace.ts";
import { openSeedLedger, seedOperations } from "../../helpers/ledger-seed.ts";

const EVIL = `<script>alert("x")</script>' onload=alert(1) \u202e&amp;`;
const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const YAML = `version: 1
providers: { p: { type: mock, slo: { success: 0.99 } }, cheap: { type: mock } }
models: { smart: { targets: [p/m, cheap/n] } }
budgets: [{ limit: 12, period: month }]
`;

let place: ReturnType<typeof workspace>;
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
let page = "";
let empty = "";
let compared = "";
beforeAll(async () => {
  place = workspace();
  ledger = await openSeedLedger();
  const { config } = await place.loadText(YAML);
  await seedOperations(
    ledger.database,
    Array.from({ length: 60 }, (_, at) => ({
      ...{ tenant: at % 2 === 0 ? EVIL : "acme", alias: "smart", startedMs: NOW_MS - (at % 5) * DAY_MS - 1 },
      attempts: [
        { provider: "p", model: EVIL, costNano: 1_000_000, code: "overloaded" as const, ms: 10 },
        { provider: "p", model: "m", costNano: 50_000_000, ms: 200 + at },
      ],
    })),
  );
  const written = (database: Database | undefined, compare = false) => {
    const range = { sinceMs: NOW_MS - 7 * DAY_MS, untilMs: NOW_MS };
    const asked = { range, zone: UTC, tenant: undefined };
    const by = ["tenant", "model"] as const;
    const wanted = {
      ask: { ...asked, by, probes: false },
      compare,
      unreconciled: false,
      options: { by },
    };
    const booked = readCosts(wanted, { database, config, nowMs: NOW_MS });
    const prices = new Map([["cheap/n", { inputNano: 1, outputNano: 1 }]]);
    const atHome = new Map([["p/m", { inputNano: 1e12, outputNano: 1e12 }]]);
    const costs = compare ? withRepriced(booked, database, wanted.ask, atHome) : booked;
    return reportPage({
      ...{ version: "1.2.3", madeAtMs: NOW_MS, tenant: null, costs },
      series: { unit: "day", points: [EVIL, "2026-11-20"].map((name) => ({ name, costNano: 5n })) },
      budgets: forecastBudgets(costs.budgets, database, { nowMs: NOW_MS, interval: 0.8 }),
      stats: readStats({ ...asked, by: ["provider", "model"] }, { database, config }),
      insights: database
        ? readInsights(asked, { database, config, prices, nowMs: NOW_MS })
        : noInsights(asked, config),
    });
  };
  page = ledger.database.read(() => written(ledger.database));
  empty = written(undefined);
  compared = ledger.database.read(() => written(ledger.database, true));
});
afterAll(async () => {
  place.remove();
  await ledger.close();
});

/** What stands between tags, and in attributes, as a browser reads it. */
const texts = (markup: string) =>
  markup.replace(/<[^>]*>/g, "\n").replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

describe("the page of a report", () => {
  it("shows hostile names as the text they are", () => {
    expect(page).not.toMatch(/<script|\u202e|" onload|' onload/i);
    expect(page).toContain(
      "&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#39; onload=alert(1)  &#38;amp;",
    );
    expect(texts(page)).toContain(`p/${EVIL.replace("\u202e", " ")}`);
  });

  it("needs nothing but itself, and runs nothing", () => {
    expect(page).not.toMatch(
      /\b(src|href|action|onclick)=|url\(|@import|<(script|link|img|iframe|object|form)/i,
    );
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it.each([
    ["full", () => page],
    ["empty", () => empty],
  ])("is well formed where it is %s: every tag that is opened is closed in its turn", (_name, markup) => {
    const open: string[] = [];
    for (const [, closing, name = "", rest = ""] of markup().matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!rest.endsWith("/") && name !== "meta") open.push(name);
    }
    expect(open).toEqual([]);
    expect(markup().startsWith("<!doctype html>\n")).toBe(true);
  });

  it("has the figures of the report, the budgets, the stats and the findings", () => {
    const text = texts(page);
    // 60 answers of $0.05, and 60 first tries of $0.001 that failed.
    for (const part of [
      "RipTide costs",
      "$3.06",
      "2026-11-13 12:00 UTC to 2026-11-20 12:00 UTC",
      "global/month",
    ])
      expect(text).toContain(part);
    for (const part of ["25.5 %, ok", "Spending per day", "overloaded 60", "slo provider p success: missed"])
      expect(text).toContain(part);
    for (const part of ["cheaper_target", "failed_spend", "strategy: health-based", "riptide 1.2.3"])
      expect(text).toContain(part);
    expect(page.match(/<svg/g)?.length).toBeGreaterThan(5);
  });

  it("has the range before and today's prices beside the figures where they were asked for", () => {
    for (const head of [">change<", ">today&#39;s prices<"]) {
      expect(page).not.toContain(head);
      expect(compared).toContain(head);
    }
    // Nothing was spent before; 60 answers of 110 tokens at a dollar for a thousand, and what has no price beside it.
    expect(compared).toMatch(
      /<td colspan="2">total<\/td>.*<td class="number">new<\/td><td class="number">\$6.60\*?</s,
    );
  });

  it("says what its drawings show, and of what its columns are, to those who have it read to them", () => {
    expect(page).toMatch(
      /<svg role="img" aria-label="Spending per day"[^>]*><desc>[^<]*2026-11-20: \$0.000000005/,
    );
    expect(page).toMatch(/<svg class="gauge" role="img" aria-label="global\/month: 25.5 % used, ok"/);
    expect(page).not.toMatch(/<th(?! scope="col")[ >]|<th[^>]*><\/th>/);
  });

  it("of an empty ledger says that nothing was spent, and leaves out what there is not", () => {
    const text = texts(empty);
    expect(text).toContain("$0");
    for (const part of ["Findings", "Success and speed", "Requests by hour"])
      expect(text).not.toContain(part);
  });
});

describe("markup", () => {
  it("escapes texts wherever they stand, and takes markup, lists, numbers and nothing as they are", () => {
    const inner = html`<b>${"<&>"}</b>`;
    expect(html`<p title="${'"'}">${[inner, inner]}${1}${null}${"'"}</p>`.markup).toBe(
      '<p title="&#34;"><b>&#60;&#38;&#62;</b><b>&#60;&#38;&#62;</b>1&#39;</p>',
    );
  });

  it("puts a space in place of what would hide or turn text", () => {
    expect(html`${"a\u0000b\u001b[31mc\u202ed\u2066e\nf\u{e0041}"}`.markup).toBe("a b [31mc d e\nf ");
  });
});
