import { describe, expect, it } from "vitest";
import type { HealthPolicy } from "../../src/health/report.ts";
import { healthText, type Reporter } from "../../src/output/health.ts";
import { checkOf, failedWith, providerOf, reportFor } from "../health/reports.ts";
import { parseXml, type XmlElement } from "../helpers/xml.ts";

/** What a provider may say to make a report say something else. */
const HOSTILE = `no <b>"key"</b> & 100%\r\n::error::it | was \`me\` [x](http://evil) @all\u001b[31m\u0000\ufffe'\ud800`;
const MISCONFIGURED = failedWith(
  "azure",
  "secret_missing",
  "misconfigured",
  "AZURE_OPENAI_API_KEY is not set",
);
const REPORT = reportFor([
  providerOf("anthropic"),
  MISCONFIGURED,
  providerOf("slow", "degraded", {
    latencyMs: 1_500,
    checks: [checkOf({ status: "warn", message: "slower than 1 s" })],
  }),
  failedWith("dead", "protocol_error", "down", HOSTILE),
  providerOf("off", "disabled", {
    checks: [checkOf({ id: "config", status: "skip", message: "disabled", ms: null })],
  }),
]);

const text = (reporter: Reporter, report = REPORT) => healthText(report, reporter);

describe("the table", () => {
  it("is the one of the page", async () => {
    const azure = { ...MISCONFIGURED, level: "config" } as const;
    expect(await text("text", reportFor([providerOf("anthropic"), azure]))).toBe(
      [
        "PROVIDER   STATUS         LEVEL   LATENCY  CIRCUIT  DETAIL\n",
        "anthropic  healthy        auth    212 ms   closed   38 models\n",
        "azure      misconfigured  config  -        closed   AZURE_OPENAI_API_KEY is not set\n",
      ].join(""),
    );
  });

  it("has one line for each provider, whatever one of them says", async () => {
    const lines = (await text("text")).trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
  });
});

describe("the document", () => {
  it("has the fields of riptide.health/1", async () => {
    const document = JSON.parse(
      await text("json", reportFor([providerOf("a")], { mode: "require", value: ["a"] })),
    );
    expect(document).toEqual({
      schema: "riptide.health/1",
      status: "pass",
      via: "in-process",
      checked_at: "2026-11-22T15:00:00.125Z",
      policy: { mode: "require", value: ["a"] },
      summary: { total: 1, healthy: 1, degraded: 0, down: 0, misconfigured: 0, unknown: 0, disabled: 0 },
      providers: [
        {
          ...{
            name: "a",
            type: "openai",
            status: "healthy",
            level: "auth",
            latency_ms: 212,
            circuit: "closed",
          },
          models_found: null,
          checks: [
            {
              ...{ id: "auth", status: "pass", ms: 12, attempts: 1, code: null, message: "38 models" },
              remediation: null,
            },
          ],
        },
      ],
    });
  });
});

describe("the JUnit report", () => {
  const suitesOf = async (report = REPORT) => parseXml(await text("junit", report));
  const named = (element: XmlElement, name: string) =>
    element.children.find(({ attributes }) => attributes.name === name) ?? expect.fail(`no ${name}`);

  it("has the elements and attributes of the Jenkins and Surefire schemas, and sums that are right", async () => {
    const root = await suitesOf();
    expect(root.name).toBe("testsuites");
    const sums = { tests: 0, failures: 0, skipped: 0 };
    for (const suite of root.children) {
      expect([suite.name, suite.text.trim(), suite.attributes.errors]).toEqual(["testsuite", "", "0"]);
      expect(suite.attributes.timestamp).toBe("2026-11-22T15:00:00");
      const outcomes = suite.children.flatMap(({ children }) => children.map(({ name }) => name));
      expect(Number(suite.attributes.tests)).toBe(suite.children.length);
      expect(Number(suite.attributes.failures)).toBe(outcomes.filter((name) => name === "failure").length);
      expect(Number(suite.attributes.skipped)).toBe(outcomes.filter((name) => name === "skipped").length);
      for (const item of suite.children) {
        expect(item.name).toBe("testcase");
        expect(item.children.length).toBeLessThanOrEqual(1);
        expect(Object.keys(item.attributes)).toEqual(["name", "classname", "time"]);
        expect(item.attributes.time).toMatch(/^\d+\.\d{3}$/);
      }
      for (const key of ["tests", "failures", "skipped"] as const) sums[key] += Number(suite.attributes[key]);
    }
    expect(root.attributes).toMatchObject({
      tests: String(sums.tests),
      failures: String(sums.failures),
      skipped: String(sums.skipped),
    });
    expect(sums).toEqual({ tests: 6, failures: 3, skipped: 1 });
  });

  it("says why a level failed, and what to do", async () => {
    const [failed] = named(await suitesOf(), "azure").children;
    expect([failed?.attributes.name, failed?.children[0]]).toEqual([
      "config",
      {
        name: "failure",
        attributes: { message: "AZURE_OPENAI_API_KEY is not set", type: "secret_missing" },
        children: [],
        text: "AZURE_OPENAI_API_KEY is not set\nmend azure",
      },
    ]);
  });

  it("keeps a stranger's text as text, without what XML has no place for", async () => {
    const message = named(await suitesOf(), "dead").children[0]?.children[0]?.attributes.message;
    expect(message).toContain('no <b>"key"</b> & 100%');
    expect(message).toContain("::error::it");
  });

  it("skips what could not run, and fails the policy that was not met", async () => {
    const open = providerOf("a", "unknown", { checks: [checkOf({ status: "unknown", ms: null })] });
    const root = await suitesOf(reportFor([open]));
    expect(named(root, "a").children[0]?.children[0]).toMatchObject({
      name: "skipped",
      attributes: { message: "could not run" },
    });
    expect(named(root, "policy").children[0]).toMatchObject({
      attributes: { name: "every enabled provider is usable" },
      children: [
        { name: "failure", attributes: { message: "not met: a is unknown", type: "health_policy" } },
      ],
    });
  });
});

describe("the annotations", () => {
  it("are one for each provider that is not healthy, and one for the whole", async () => {
    const lines = (await text("github")).trimEnd().split("\n");
    expect(
      lines.map((line) => line.slice(0, line.lastIndexOf("::")).replace(/::(?!error|warning|notice).*/, "")),
    ).toEqual([
      "::error title=azure%3A misconfigured",
      "::warning title=slow%3A degraded",
      "::error title=dead%3A down",
      "::error title=riptide health",
    ]);
    expect(lines[0]).toBe(
      "::error title=azure%3A misconfigured::AZURE_OPENAI_API_KEY is not set%0Amend azure",
    );
    expect(lines.at(-1)).toBe(
      "::error title=riptide health::2 of 4 providers can be used (every enabled provider is usable)",
    );
  });

  it("cannot be left by what a provider says: its text begins no line and is escaped", async () => {
    const lines = (await text("github")).trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain("100%25 ::error::it");
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
  });

  it("escape what a property would end at", async () => {
    const odd = failedWith("a,b:c%", "connect_failed");
    expect(await text("github", reportFor([odd]))).toContain("::error title=a%2Cb%3Ac%25%3A down::");
  });

  it("are a notice where all is well", async () => {
    const policy: HealthPolicy = { mode: "min_healthy", value: 1 };
    expect(await text("github", reportFor([providerOf("a")], policy))).toBe(
      "::notice title=riptide health::1 of 1 providers can be used (at least 1 provider is usable)\n",
    );
  });
});

describe("the Markdown table", () => {
  it("has a heading and a row for each provider", async () => {
    const lines = (await text("markdown")).split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "### Providers: policy not met",
      "",
      "| provider | status | level | latency | circuit | detail |",
      "| --- | --- | --- | --- | --- | --- |",
      "| anthropic | healthy | auth | 212 ms | closed | 38 models |",
    ]);
    expect(lines.filter((line) => line.startsWith("| ")).every((line) => line.split("|").length === 8)).toBe(
      true,
    );
  });

  it("makes no markup, link or mention of what a provider says", async () => {
    const row = (await text("markdown")).split("\n").find((line) => line.startsWith("| dead"));
    expect(row?.replace(/&#\d+;/g, "")).not.toMatch(/[<>`[\]@*_]|:\/\//);
  });
});

describe("the metrics", () => {
  it("are in the text format of Prometheus: each family described once, before its samples", async () => {
    const lines = (await text("prometheus")).trimEnd().split("\n");
    const families: string[] = [];
    for (const line of lines) {
      const [, kind, family] = /^# (HELP|TYPE) (\S+) ./.exec(line) ?? [];
      if (kind === "HELP") families.push(family ?? "");
      else if (kind === "TYPE") expect(family).toBe(families.at(-1));
      else
        expect(line).toMatch(
          new RegExp(`^${families.at(-1)}(\\{([a-z_]+="([^"\\\\]|\\\\.)*",?)+\\})? [\\d.]+$`),
        );
    }
    expect(new Set(families).size).toBe(families.length);
    expect(lines).toContain('riptide_provider_usable{provider="slow",type="openai"} 1');
    expect(lines).toContain('riptide_provider_health{provider="dead",type="openai",state="down"} 1');
    expect(lines).toContain('riptide_provider_probe_seconds{provider="slow",type="openai"} 1.5');
    expect(lines).toContain("riptide_health_policy_met 0");
  });

  it("escape labels, and leave out what was not measured", async () => {
    const found = await text(
      "prometheus",
      reportFor([providerOf('a"\\\n', "down"), providerOf("off", "disabled")]),
    );
    expect(found).toContain('riptide_provider_usable{provider="a\\"\\\\\\n",type="openai"} 0');
    expect(found).not.toContain("riptide_provider_probe_seconds{");
    expect(found).not.toContain('riptide_provider_circuit_open{provider="off"');
  });
});
