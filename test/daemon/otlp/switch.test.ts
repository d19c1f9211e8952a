import { expect, it } from "vitest";
import type { Observer } from "../../../src/daemon/observer.ts";
import { createOtlp, type OtlpParts } from "../../../src/daemon/otlp/otlp.ts";

const watching: Observer = { began: () => {}, ended: () => {} };

function switched(exporters?: OtlpParts["exporters"]) {
  const told: string[] = [];
  const silent = () => {};
  const otlp = createOtlp({
    watching,
    log: { debug: silent, info: silent, warn: silent, error: (_facts, message) => void told.push(message) },
    exporters:
      exporters ??
      (async () => (endpoint) => {
        told.push(`open ${endpoint}`);
        return { ended: silent, close: async () => void told.push(`close ${endpoint}`) };
      }),
  });
  return { otlp, told };
}

it("a reload that names the same collector leaves its exporter alone", async () => {
  const { otlp, told } = switched();
  for (const endpoint of ["a", "a", "b", null, null]) await otlp.follow(endpoint);
  expect(told).toEqual(["open a", "open b", "close a", "close b"]);
});

it("changes come one after the other, and the last one counts", async () => {
  const { otlp, told } = switched();
  await Promise.all([otlp.follow("a"), otlp.follow("b"), otlp.close()]);
  expect(told).toEqual(["open a", "open b", "close a", "close b"]);
  expect(otlp.observer()).toBe(watching);
});

it("what exports may be missing: the daemon says so and serves on, and a later reload may find it", async () => {
  let isThere = false;
  const { otlp, told } = switched(async () => {
    if (!isThere) throw new Error("cannot find module");
    return () => ({ ended: () => {}, close: async () => {} });
  });
  await otlp.follow("a");
  expect([told, otlp.observer()]).toEqual([["telemetry.otlp_endpoint: no export"], watching]);
  isThere = true;
  await otlp.follow("a");
  expect(otlp.observer()).not.toBe(watching);
});
