import { formatDuration } from "../../core/duration.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Contact } from "../client/control.ts";
import { isObject, PROTOCOL } from "../client/hello.ts";
import type { Call } from "../command.ts";
import { printDocument, printTable } from "../print.ts";

/** `riptide.daemon/1` with what only the client knows: its own version, and how far the two are apart. */
export function seenBy({ io }: Call, document: JsonObject): JsonObject {
  const skew = document.version === io.version ? "none" : "build";
  return { ...document, client_version: io.version, skew };
}

/** The document of a daemon that nothing can be asked of. */
export function bareDocument(
  { io }: Call,
  socket: string,
  { state, hello }: { readonly state: string; readonly hello?: Contact["hello"] },
): JsonObject {
  return {
    schema: "riptide.daemon/1",
    state,
    pid: hello?.pid ?? null,
    version: hello?.version ?? null,
    protocol: hello?.protocol ?? null,
    client_version: io.version,
    skew: hello ? skewOf(hello, io.version) : "none",
    socket,
    started_at: null,
    uptime_ms: null,
    config: {
      ...{ path: hello?.config.path ?? null, revision: hello?.config.revision ?? null, generation: null },
      ...{ state: null, loaded_at: null, last_error: null },
    },
    revisions: [],
    in_flight: null,
    providers: null,
    env_missing: [],
    memory_mb: null,
    supervisor: "none",
  };
}

const skewOf = ({ protocol, version }: Contact["hello"], ours: string) =>
  protocol === PROTOCOL ? (version === ours ? "none" : "build") : "protocol";

/** Prints a state as the call wants it; `more` goes into the document. */
export async function printState(call: Call, document: JsonObject, more: JsonObject = {}): Promise<void> {
  if (call.format === "json") return printDocument(call, { ...document, ...more });
  const rows = [...Object.entries(more), ...linesOf(document)].map(([name, value]) => [name, textOf(value)]);
  await printTable(call, [{ head: "daemon" }, { head: "" }], rows);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function linesOf(document: JsonObject): readonly (readonly [string, unknown])[] {
  const { state, pid, version, skew, socket, uptime_ms: uptimeMs, in_flight: inFlight } = document;
  const config = isObject(document.config) ? document.config : {};
  const error = isObject(config.last_error) ? config.last_error : undefined;
  const lines: readonly (readonly [string, unknown])[] = [
    ["state", state],
    ["pid", pid],
    [
      "version",
      skew === "none" ? version : `${String(version)} (this command: ${String(document.client_version)})`,
    ],
    ["socket", socket],
    ["uptime", typeof uptimeMs === "number" ? formatDuration(uptimeMs) : null],
    ["config", config.path],
    ["revision", config.revision],
    ["config state", config.state],
    ["last error", error?.message],
    ...othersOf(error?.problems).map((problem) => ["", problem] as const),
    ["in flight", inFlight],
    ["providers", countsOf(document.providers)],
    ["not set", listOf(document.env_missing)],
    ["memory", typeof document.memory_mb === "number" ? `${document.memory_mb} MB` : null],
    ["problems", listOf(document.problems)],
  ];
  return lines.filter(([, value]) => value !== null && value !== undefined && value !== "");
}

/** The first one is the message. */
const othersOf = (problems: unknown): readonly unknown[] =>
  Array.isArray(problems) ? problems.slice(1) : [];

const listOf = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : "");

const countsOf = (value: JsonObject[string] | undefined): string =>
  isObject(value)
    ? Object.entries(value)
        .filter(([, count]) => count !== 0)
        .map(([state, count]) => `${String(count)} ${state}`)
        .join(", ")
    : "";
