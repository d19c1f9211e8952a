import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Call } from "../../../src/cli/command.ts";
import { daemonConfigs } from "../../../src/cli/daemon/load-generation.ts";
import { parseFlags } from "../../../src/cli/flags.ts";
import { type Environment, readEnvironment } from "../../../src/config/environment.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { createGenerations } from "../../../src/daemon/generations.ts";
import { startReloading } from "../../../src/daemon/reload/start.ts";
import type { ReloadReport, Verdict } from "../../../src/daemon/reload/verdict.ts";
import { createRedactor } from "../../../src/wire/redact.ts";

const CONFIG = { name: "config", value: "PATH", text: "" };
const SET = { name: "set", value: "KEY=VALUE", many: true, text: "" };

/** A file whose alias tells one version from another. */
export const yamlOf = (reply: string, more = "") => `version: 1
providers:
  fake: { type: mock, reply: "${reply}" }
models:
  default: { targets: [fake/m] }
${more}`;

export interface FilesOptions {
  readonly text?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Watched for changes, on the system's clock. */
  readonly watched?: boolean;
}

/** All that loads and reloads in a daemon, on a real file, without a socket. */
export async function files({ text, env = {}, watched = false }: FilesOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "riptide-reload-"));
  const path = join(folder, "providers.yaml");
  if (text !== undefined) writeFileSync(path, text);
  const variables = { ...env };
  const environment: Environment = {
    ...readEnvironment({ ...env, RIPTIDE_STATE_DIR: join(folder, "state") }, folder),
    lookup: (name) => variables[name] || undefined,
    userConfig: path,
  };
  const io = {
    ...{ environment, cwd: folder, clock: systemClock, redactor: createRedactor(), version: "1.0.0" },
    signal: new AbortController().signal,
  };
  // Nothing else of a call is looked at by what loads a configuration.
  const call = { io, given: parseFlags([CONFIG, SET], []) } as unknown as Call;
  const source = await daemonConfigs(call);
  const first = await (await source.read()).build();
  const generations = createGenerations(first);
  const reports: ReloadReport[] = [];
  const waiting = new Set<(verdict: Verdict) => void>();
  const logged: string[] = [];
  const line = (_facts: object, message: string) => void logged.push(message);
  const reloading = startReloading({
    ...{ clock: systemClock, generations, source, first, guard: { follow: () => {} } },
    watched: watched ? source.watched : undefined,
    log: { debug: line, info: line, warn: line, error: line },
    onVerdict(report) {
      reports.push(report);
      for (const wake of waiting) wake(report.verdict);
    },
  });
  return {
    ...{ path, folder, source, generations, reports, variables, logged },
    ...reloading,
    /** What requests are answered with now. */
    reply: () =>
      generations.current().generation.config.providers.find(({ id }) => id === "fake")?.options.reply,
    /** Resolves at the first verdict that is like this. */
    verdict: (is: (verdict: Verdict) => boolean) =>
      new Promise<Verdict>((resolve) => waiting.add((verdict) => is(verdict) && resolve(verdict))),
    async close() {
      await reloading.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
