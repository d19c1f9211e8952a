import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";

/** What another process takes of the machine. */
export interface Usage {
  /** Of all its threads since it began. */
  readonly cpuUs: number;
  /** In MB of 1,000,000 bytes. */
  readonly residentMb: number;
}

/** As the kernel counts it, to the nanosecond; elsewhere as the process itself says at `/metrics` of its socket. */
export async function usageOf({
  pid,
  socket,
}: {
  readonly pid: number;
  readonly socket: string;
}): Promise<Usage> {
  return kernelUsage(pid) ?? ownUsage(await metricsOf(socket));
}

function kernelUsage(pid: number): Usage | undefined {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const cpuNs = tasks.map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
    );
    const resident = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return {
      cpuUs: cpuNs.reduce((sum, each) => sum + each, 0) / 1_000,
      residentMb: (Number(resident) * 1_024) / 1e6,
    };
  } catch {
    return undefined;
  }
}

function ownUsage(metrics: string): Usage {
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
  return {
    cpuUs: value("process_cpu_seconds_total") * 1e6,
    residentMb: value("process_resident_memory_bytes") / 1e6,
  };
}

function metricsOf(socketPath: string): Promise<string> {
  return new Promise((done, fail) => {
    const asked = request({ socketPath, path: "/metrics" }, async (response) => {
      done((await response.setEncoding("utf8").toArray()).join(""));
    });
    asked.on("error", fail).end();
  });
}
