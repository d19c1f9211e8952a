import type { Examine, Finding } from "./check.ts";
import { looked } from "./configuration.ts";

/** Whether each provider is reached, by a call that costs nothing. */
export const examineNetwork: Examine = async (call) => {
  const { proxy } = call.io.environment;
  const seen = await looked(call, "reach");
  const findings = seen.map(({ name, checks, latencyMs }): Finding => {
    const reach = checks.find(({ id }) => id === "reach");
    if (reach?.status === "pass") return { name, status: "ok", summary: `reached in ${latencyMs ?? 0} ms` };
    const failed = checks.find(({ status }) => status === "fail") ?? reach;
    return {
      name,
      status: failed?.status === "fail" ? "fail" : "warn",
      summary: failed?.message ?? "not looked at: it has no call that costs nothing",
      remediation: failed?.remediation ?? undefined,
    };
  });
  if (!proxy) return findings;
  return [
    { name: "proxy", status: "ok", summary: `goes by the proxy ${new URL(proxy.url).host}` },
    ...findings,
  ];
};
