import { join } from "node:path";
import { expect, it } from "vitest";
import { startCli, useStage } from "./stage.ts";

const stage = useStage();
const yaml = (deadline: string, more = "") => `version: 1
providers:
  fake: { type: mock, reply: "hi" }
  far: { type: openai-compatible, base_url: "http://127.0.0.1:9/v1", api_key: "sk-canary-0123456789" }
models:
  default: { targets: [fake/m] }
timeouts: { completion: ${deadline} }
${more}`;

it("tells what two files say differently, key by key, and no default that is only written down", async () => {
  const place = await stage.workplace(yaml("9s"));
  const other = await place.write("other.yaml", yaml("8s", "strategy: sequential\n"));
  const { code, stdout } = await place.run(["config", "diff", "providers.yaml", other, "--json"]);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { schema: "riptide.config_diff/1", differences: [{ key: "timeouts.completion", a: "9s", b: "8s" }] },
  ]);
  const told = await place.run(["config", "diff", other, "--exit-code"]);
  expect([told.code, told.stdout]).toEqual([1, expect.stringMatching(/timeouts\.completion\s+"9s"\s+"8s"/)]);
  expect(told.stdout + stdout).not.toContain("sk-canary");
});

it("tells how the file differs from what the daemon works by", async () => {
  const place = await stage.workplace(yaml("9s"));
  const socket = join(place.folder, "run/r.sock");
  const daemon = startCli(place, ["daemon", "run", "--no-watch", "--socket", socket]);
  await Promise.race([daemon.waitFor("riptide.ready/1"), daemon.ended]);
  const diff = ["config", "diff", "--running", "--exit-code", "--json", "--socket", socket];
  const same = await place.run(diff);
  await place.write("providers.yaml", yaml("7s"));
  const changed = await place.run(diff);
  daemon.child.kill("SIGTERM");
  await daemon.ended;
  expect([same.code, JSON.parse(same.stdout).differences]).toEqual([0, []]);
  expect([changed.code, JSON.parse(changed.stdout).differences]).toEqual([
    1,
    [{ key: "timeouts.completion", a: "7s", b: "9s" }],
  ]);
  expect(changed.stdout).not.toContain("sk-canary");
  expect((await place.run(diff)).code).toBe(10);
});

it("wants to know what to compare", async () => {
  const place = await stage.workplace();
  expect((await place.run(["config", "diff"])).code).toBe(2);
  expect((await place.run(["config", "diff", "a", "b", "--running"])).code).toBe(2);
});
