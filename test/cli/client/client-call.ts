import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Call, Format } from "../../../src/cli/command.ts";
import { COMPLETE_FLAGS } from "../../../src/cli/complete/flags.ts";
import { type Flag, parseFlags } from "../../../src/cli/flags.ts";
import { GLOBAL_FLAGS } from "../../../src/cli/global-flags.ts";
import type { Io } from "../../../src/cli/io.ts";
import { readEnvironment } from "../../../src/config/environment.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { createRedactor } from "../../../src/wire/redact.ts";

/** A call in a folder of its own, and what it wrote. */
export interface ClientCall {
  readonly call: Call;
  readonly folder: string;
  /** The usual place of its socket. */
  readonly socket: string;
  /** Its providers.yaml. */
  readonly config: string;
  stdout(): string;
  stderr(): string;
  abort(reason: Error): void;
}

export interface CallOptions {
  readonly argv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly format?: Format;
  readonly folder?: string;
  /** Of the command, besides those of `complete`. */
  readonly flags?: readonly Flag[];
}

export function clientCall({
  argv = [],
  env = {},
  format = "text",
  folder = newFolder(),
  flags = COMPLETE_FLAGS,
}: CallOptions = {}): ClientCall {
  const said = { out: "", err: "" };
  const controller = new AbortController();
  const config = join(folder, "providers.yaml");
  const environment = readEnvironment(
    {
      XDG_RUNTIME_DIR: join(folder, "run"),
      RIPTIDE_STATE_DIR: join(folder, "state"),
      RIPTIDE_CONFIG: config,
      ...env,
    },
    folder,
  );
  const sink = (part: "out" | "err") => ({
    isTty: false,
    columns: undefined,
    write: async (text: string) => {
      said[part] += text;
    },
    finish: async () => {},
  });
  const io: Io = {
    stdin: process.stdin,
    terminal: process.stdout,
    suspend: () => {},
    stdout: sink("out"),
    readerGone: () => false,
    writeFailure: () => undefined,
    stderr: sink("err"),
    ...{ environment, cwd: folder, clock: systemClock, redactor: createRedactor() },
    ...{ version: "0.0.0-test", nodeVersion: process.versions.node, signal: controller.signal },
  };
  return {
    call: { io, format, given: parseFlags([...GLOBAL_FLAGS, ...flags], argv), commands: [] },
    ...{ folder, config, socket: join(folder, "run/riptide/riptide.sock") },
    stdout: () => said.out,
    stderr: () => said.err,
    abort: (reason) => controller.abort(reason),
  };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "riptide-client-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "run/riptide"), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "providers.yaml"), "version: 1\n");
  chmodSync(join(folder, "providers.yaml"), 0o600);
  return folder;
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** What stands in for a daemon: it says hello, and answers everything else as it is told. */
export async function standIn(
  { socket, folder, config }: ClientCall,
  { hello = {}, answer = () => {} }: { readonly hello?: object | null; readonly answer?: Answer } = {},
): Promise<{ readonly server: Server; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url !== "/riptide/v1/hello") {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => answer(request, response, body));
    } else if (hello !== null) {
      const said = {
        schema: "riptide.hello/1",
        version: "0.0.0-test",
        protocol: 1,
        pid: 1,
        state: "running",
      };
      const place = { state_dir: join(folder, "state"), config: { path: config, revision: "abc" } };
      response.end(JSON.stringify({ ...said, ...place, ...hello }));
    }
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, asked };
}
