import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { afterEach, expect } from "vitest";
import { type Scenario, type Simulator, startSimulator } from "../helpers/simulator.ts";
import { openWorkplace, VENDORS, type Vendor, type Workplace } from "./vendors.ts";

export const [openai, anthropic] = VENDORS as readonly [Vendor, Vendor];
const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");

/** A providers.yaml in which nothing is sent anywhere; `fake` repeats the prompt. */
export const MOCK_YAML = `version: 1
providers:
  fake: { type: mock, reply: "{{prompt}}" }
models:
  default: { targets: [fake/m] }
`;

/** Simulators and folders that are gone after each test. */
export function useStage() {
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const resource of open.splice(0).reverse()) await resource.close();
  });
  return {
    async simulate(vendor: Vendor, ...scenarios: readonly Scenario[]): Promise<Simulator> {
      const simulator = await startSimulator(vendor.dialect);
      simulator.play(...scenarios);
      open.push(simulator);
      return simulator;
    },
    async workplace(yaml: string = MOCK_YAML): Promise<Workplace> {
      const place = await openWorkplace(yaml);
      open.push({ close: place.remove });
      return place;
    },
    defer: (close: () => Promise<unknown>) => void open.push({ close }),
  };
}

const environment = ({ folder }: Workplace) => ({
  PATH: process.env.PATH,
  HOME: folder,
  TMPDIR: folder,
  XDG_STATE_HOME: folder,
  RIPTIDE_CONFIG: `${folder}/providers.yaml`,
  OPENAI_API_KEY: "sk-simulated",
  ANTHROPIC_API_KEY: "sk-ant-test",
});

export interface Shell {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a bash script in which `riptide` is the built command line. */
export async function shell(
  place: Workplace,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Shell> {
  const body = `riptide() { "$NODE" "$LAUNCHER" "$@"; }\n${script}`;
  const child = spawn("bash", ["-c", body], {
    cwd: place.folder,
    env: { ...environment(place), NODE: process.execPath, LAUNCHER, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = watch(child);
  const { code } = await running.ended;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout holds the text. */
  waitFor(text: string): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts the built command line and leaves it running. */
export function startCli(
  place: Workplace,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  return watch(
    spawn(process.execPath, [LAUNCHER, ...args], {
      cwd: place.folder,
      env: { ...environment(place), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

function watch(child: ChildProcess): Running {
  const said = { out: "", err: "" };
  const waiting = new Set<() => void>();
  const guard = setTimeout(() => child.kill("SIGKILL"), 30_000);
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
    for (const look of waiting) look();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  return {
    child,
    stdout: () => said.out,
    stderr: () => said.err,
    waitFor: (text) =>
      new Promise((done) => {
        const look = () => {
          if (!said.out.includes(text)) return;
          waiting.delete(look);
          done();
        };
        waiting.add(look);
        look();
      }),
    ended: new Promise((done) => {
      child.on("close", (code, signal) => {
        clearTimeout(guard);
        done({ code, signal });
      });
    }),
  };
}

/** What every error text is: at most eight lines, the code first, something to do, no stack (cli.md 4). */
export function expectErrorText(stderr: string, code: string): void {
  const lines = stderr.trimEnd().split("\n");
  expect(lines.length, stderr).toBeLessThanOrEqual(8);
  expect(lines.find((line) => !/^(note|warning): /.test(line))).toMatch(
    new RegExp(`^error\\[${code}\\]: [^A-Z]|^error\\[${code}\\]: [A-Z_]{2,}`),
  );
  expect(
    lines.filter((line) => line.startsWith("hint: ")),
    stderr,
  ).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
}
