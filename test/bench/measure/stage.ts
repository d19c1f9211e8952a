import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";

const PROVIDER = resolve(import.meta.dirname, "../fixtures/provider.ts");

/** A home with a providers.yaml, and the provider it names. */
export interface Stage {
  readonly env: Readonly<Record<string, string>>;
  /** Takes away what riptide kept of the configuration. */
  forget(): void;
  /** Starts a daemon, and gives the path of its socket when it is ready. It ends with the stage. */
  serve(program: string): Promise<string>;
  close(): void;
}

/** Starts a provider that answers every call with so many tokens of so many bytes. */
export async function openStage(tokens: number, tokenBytes: number): Promise<Stage> {
  const provider = spawn(process.execPath, [PROVIDER, String(tokens), String(tokenBytes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const home = mkdtempSync(join(tmpdir(), "riptide-bench-"));
  const config = join(home, "providers.yaml");
  writeFileSync(config, yamlFor(await firstLineOf(provider)));
  // What was read of a file that changed a moment ago is not kept.
  await setTimeout(250);
  const state = join(home, "state");
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    RIPTIDE_CONFIG: config,
    RIPTIDE_STATE_DIR: state,
    OPENAI_API_KEY: "sk-simulated",
  };
  const daemons: ChildProcess[] = [];
  return {
    env,
    forget: () => rmSync(join(state, "cache"), { recursive: true, force: true }),
    async serve(program) {
      const socket = join(home, `${daemons.length}.sock`);
      const argv = [program, "daemon", "run", "--socket", socket];
      const daemon = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"], env });
      daemons.push(daemon);
      await firstLineOf(daemon);
      return socket;
    },
    close() {
      for (const child of [...daemons, provider]) child.kill("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function firstLineOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error("the provider has no stdout");
  const [line] = await once(createInterface({ input: stdout }), "line");
  return String(line);
}

const yamlFor = (url: string) => `version: 1
providers:
  openai:
    type: openai
    api_key: { env: OPENAI_API_KEY }
    base_url: ${url}/v1
models:
  default:
    targets: [openai/gpt-4.1-mini]
`;
