import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MOCK_YAML, useStage } from "./stage.ts";

const stage = useStage();

interface Document {
  readonly schema: string;
  readonly status: string;
  readonly checks: readonly {
    readonly id: string;
    readonly category: string;
    readonly status: string;
    readonly remediation: string | null;
  }[];
}

async function doctor(yaml: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const place = await stage.workplace(yaml);
  const { code, stdout } = await place.run(["doctor", "--json", ...args], { env });
  const document: Document = JSON.parse(stdout);
  const statusOf = (id: string) => document.checks.find((check) => check.id === id)?.status;
  return { code, document, statusOf };
}

it("finds nothing wrong in a good set-up, and looks at each side of it", async () => {
  const { code, document, statusOf } = await doctor(MOCK_YAML);
  expect([code, document.schema]).toEqual([0, "riptide.doctor/1"]);
  const categories = new Set(document.checks.map(({ category }) => category));
  expect([...categories]).toEqual(["runtime", "config", "secrets", "daemon", "network", "permissions"]);
  expect(document.checks.filter(({ status }) => status === "fail")).toEqual([]);
  expect([statusOf("secrets.fake"), statusOf("network.fake")]).toEqual(["ok", "ok"]);
});

it("fails where no provider has its secret, says what to set, and sends nothing when it is offline", async () => {
  const yaml = `version: 1
providers:
  far: { type: openai-compatible, base_url: "http://127.0.0.1:9/v1", api_key: "\${NO_SUCH_KEY}" }
`;
  const { code, document, statusOf } = await doctor(yaml, ["--offline"]);
  expect([code, document.status, statusOf("secrets.far")]).toEqual([1, "fail", "fail"]);
  expect(document.checks.some(({ category }) => category === "network")).toBe(false);
  expect(JSON.stringify(document.checks.find(({ id }) => id === "secrets.far"))).toContain("NO_SUCH_KEY");
});

it("fails for a provider that is not reached, and only looks where it is told to", async () => {
  const yaml = `version: 1
providers:
  far: { type: openai-compatible, base_url: "http://127.0.0.1:9/v1", api_key: none }
`;
  const { code, document } = await doctor(yaml, ["--only", "network"]);
  expect([code, document.checks.map(({ id, status }) => [id, status])]).toEqual([
    1,
    [["network.far", "fail"]],
  ]);
});

it("warns of one provider among others by exit 12, where that is asked for", async () => {
  const yaml = `version: 1
providers:
  far: { type: openai-compatible, base_url: "http://127.0.0.1:9/v1", api_key: "\${NO_SUCH_KEY}" }
  fake: { type: mock }
`;
  const { code, statusOf } = await doctor(yaml, ["--only", "secrets", "--fail-on", "warn"]);
  expect([code, statusOf("secrets.far"), statusOf("secrets.fake")]).toEqual([12, "warn", "ok"]);
});

it("tells of files that others may write, and of a word it does not know", async () => {
  const place = await stage.workplace();
  chmodSync(join(place.folder, "providers.yaml"), 0o666);
  const { code, stdout } = await place.run(["doctor", "--only", "permissions"]);
  expect([code, stdout]).toEqual([1, expect.stringContaining("-> chmod go-w ")]);
  expect((await place.run(["doctor", "--only", "config,nonsense"])).code).toBe(2);
});
