import { asRiptideError } from "../../core/errors.ts";
import { isAbsent } from "../client/control.ts";
import { isObject } from "../client/hello.ts";
import { statusOf } from "../daemon/status.ts";
import { type Examine, type Finding, findingOf } from "./check.ts";

/** The daemon, where there is one: it is optional. */
export const examineDaemon: Examine = async (call) => {
  try {
    return findingsOf(await statusOf(call));
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (error.code === "socket_stale") return [findingOf("running", error, "warn")];
    if (!isAbsent(error)) throw error;
    return [{ name: "running", status: "ok", summary: "not running; each call works by itself" }];
  }
};

type Status = Awaited<ReturnType<typeof statusOf>>;

function findingsOf({ state, pid, version, skew, socket, config, env_missing, problems }: Status) {
  const findings: Finding[] = [
    {
      name: "running",
      status: "ok",
      summary: `${String(state)} as process ${String(pid)} at ${String(socket)}`,
    },
  ];
  const warn = (name: string, summary: string, remediation: string) =>
    findings.push({ name, status: "warn", summary, remediation });
  if (skew !== "none") {
    warn(
      "version",
      `it is riptide ${String(version)}, this command is another build`,
      "riptide daemon restart",
    );
  }
  if (isObject(config) && config.state === "stale") {
    const { last_error: last } = config;
    const why = isObject(last) ? `: ${String(last.message)}` : "";
    warn("config", `it works by an earlier configuration${why}`, "mend the file, then riptide daemon reload");
  }
  for (const variable of listOf(env_missing)) {
    const remedy = `set ${variable} where the daemon is started, then riptide daemon restart`;
    warn("environment", `${variable} is not set in the daemon's environment`, remedy);
  }
  for (const problem of listOf(problems)) warn("problem", problem, "riptide daemon logs");
  return findings;
}

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
