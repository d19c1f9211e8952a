import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { controlStage, yaml } from "../control/control-stage.ts";

const LIMITED =
  "tenants: { list: { acme: { limits: { requests_per_minute: 1 }, budgets: [{ limit: 5, period: month }] } } }\n";

/** Every sample by its name and labels. */
const samplesOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );

/** A daemon in which much has happened, and what it then tells. */
async function scraped() {
  const stage = await controlStage(
    yaml(
      LIMITED,
      "[{ status: 503, retry_after: 1ms }, { status: 503 }, { status: 503 }, { status: 429, retry_after: 60s }, ok]",
    ),
  );
  const { complete, get, post, path } = stage;
  await complete({ providers: ["first"] });
  await complete({ tenant: "acme" });
  await complete({ tenant: "acme" });
  for (const tenant of ["made-up-1", "made-up-2"]) await complete({ tenant });
  await stage.ask("POST", "/riptide/v1/complete", {
    model: "second/invented-by-a-caller",
    messages: [{ role: "user", content: "hi" }],
  });
  await post("/riptide/v1/circuits/second", { action: "trip" });
  writeFileSync(path, "version: 2");
  await post("/riptide/v1/reload");
  const { text, headers } = await get("/metrics");
  return { ...stage, text, headers, samples: samplesOf(text) };
}

describe("/metrics", () => {
  it("counts requests, attempts and what they cost, by the owner of the error", async () => {
    const { samples, headers } = await scraped();
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    const labels = 'tenant="acme",dialect="native",operation="completion"';
    expect(samples.get(`riptide_requests_total{${labels},outcome="ok"}`)).toBe(1);
    expect(
      samples.get(
        `riptide_requests_total{${labels},outcome="error",error_type="policy",code="tenant_rate_limited"}`,
      ),
    ).toBe(1);
    expect(
      samples.get(
        'riptide_attempts_total{provider="first",model="m",kind="repair",outcome="error",error_type="provider",code="overloaded"}',
      ),
    ).toBe(1);
    expect(samples.get('riptide_repairs_total{provider="first",outcome="error"}')).toBe(1);
    expect(
      samples.get(
        'riptide_failovers_total{from="first",to="second",error_type="provider",code="overloaded"}',
      ),
    ).toBe(1);
    expect(samples.get('riptide_holds_total{provider="first",code="rate_limited"}')).toBe(1);
    expect(samples.get('riptide_provider_held{provider="first",code="rate_limited"}')).toBe(1);
    expect(samples.get('riptide_cost_usd_total{provider="second",model="m",tenant="acme"}')).toBeGreaterThan(
      0,
    );
    const genAi = 'gen_ai_operation_name="chat",gen_ai_provider_name="second",gen_ai_request_model="m"';
    expect(samples.get(`gen_ai_client_operation_duration_seconds_count{${genAi}}`)).toBeGreaterThan(0);
    expect(
      samples.get(`gen_ai_client_token_usage_count{${genAi},gen_ai_token_type="output"}`),
    ).toBeGreaterThan(0);
  });

  it("tells how everything stands", async () => {
    const { samples } = await scraped();
    expect(samples.get('riptide_circuit_state{provider="second",operation="completion",state="open"}')).toBe(
      1,
    );
    expect(
      samples.get('riptide_circuit_state{provider="second",operation="completion",state="closed"}'),
    ).toBe(0);
    expect(samples.get('riptide_provider_health{provider="second",state="down"}')).toBe(1);
    expect(
      samples.get('riptide_circuit_changes_total{provider="second",operation="completion",to="open"}'),
    ).toBe(1);
    expect(samples.get('riptide_config_reloads_total{result="refused"}')).toBe(1);
    expect(samples.get("riptide_config_current")).toBe(0);
    expect(samples.get('riptide_budget_limit_usd{scope="tenant",tenant="acme",period="month"}')).toBe(5);
    expect(samples.get("riptide_requests_in_flight")).toBe(0);
    expect(samples.get("riptide_queue_waiting")).toBe(0);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1e7);
    expect(samples.get(`riptide_build_info{version="1.2.3",node="${process.versions.node}"}`)).toBe(1);
  });

  it("gives no label the words of a caller", async () => {
    const { text, samples } = await scraped();
    expect(text).not.toMatch(/made-up|invented/);
    const others = [...samples].filter(([name]) => name.startsWith('riptide_requests_total{tenant="other"'));
    expect(others.reduce((sum, [, count]) => sum + count, 0)).toBe(2);
    expect([...samples.keys()].some((name) => name.includes('model="other"'))).toBe(true);
  });

  it("has a help and a type before each metric, and every sample once", async () => {
    const { text, samples } = await scraped();
    const lines = text.trimEnd().split("\n");
    expect(samples.size).toBe(lines.filter((line) => !line.startsWith("#")).length);
    let current = "";
    for (const line of lines) {
      const [, word, name] = /^# (HELP|TYPE) (\S+) \S/.exec(line) ?? [];
      if (word === "HELP") current = name ?? "";
      else if (word === "TYPE") expect(name).toBe(current);
      else expect(line).toMatch(new RegExp(`^${current}(_bucket|_sum|_count)?({[^}]*})? -?[\\d.e+-]+$`));
    }
  });

  it("is not there when it is switched off", async () => {
    const { get } = await controlStage(yaml("telemetry: { prometheus: false }\n"));
    expect(await get("/metrics")).toMatchObject({ status: 404 });
  });
});
