import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");
/** A child that is still alive after this long is killed, so that a hanging program fails its own test. */
const MAX_RUN_MS = 30_000;

export interface RunOptions {
  /**
   * Text or bytes go through a pipe that is then closed; `open` is a pipe that never ends, `null` is `/dev/null`,
   * `closed` is no descriptor at all, and `file` is a regular file. Default `null`.
   */
  readonly stdin?: string | Uint8Array | "closed" | "null" | "open" | { readonly file: string };
  /** Added to the scrubbed environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The home folder, kept; otherwise each run has its own, removed afterwards. */
  readonly home?: string;
  /** Sends `signal` as soon as this many bytes came on stdout. */
  readonly killAfterStdoutBytes?: number;
  /** Closes the reading end of stdout as soon as this many bytes came, as `head` does. */
  readonly closeStdoutAfterBytes?: number;
  readonly signal?: NodeJS.Signals;
  /** Another script than the built command line. */
  readonly program?: string;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
  readonly ms: number;
}

/** Runs the built command line as its own process, with nothing of this process's environment but PATH. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return inHome(options.home, async (home) => {
    const started = performance.now();
    const child = start(args, options, scrubbed(home, options.env));
    const guard = setTimeout(() => child.kill("SIGKILL"), MAX_RUN_MS);
    const stderr: Buffer[] = [];
    child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    const stdout = collectStdout(child, options);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
      child.on("error", fail).on("close", (code, signal) => done([code, signal]));
    }).finally(() => clearTimeout(guard));
    const stdoutBytes = Buffer.concat(stdout);
    return {
      code,
      signal,
      stdout: stdoutBytes.toString(),
      stdoutBytes,
      stderr: Buffer.concat(stderr).toString(),
      ms: performance.now() - started,
    };
  });
}

function start(args: readonly string[], options: RunOptions, env: NodeJS.ProcessEnv): ChildProcess {
  const { stdin = "null", program = LAUNCHER, cwd } = options;
  const argv = [process.execPath, program, ...args];
  const [file = "", ...rest] = stdin === "closed" ? ["/bin/sh", "-c", 'exec "$0" "$@" <&-', ...argv] : argv;
  const fd = typeof stdin === "object" && "file" in stdin ? openSync(stdin.file, "r") : undefined;
  const piped = stdin !== "null" && stdin !== "closed";
  const stdio: StdioOptions = [fd ?? (piped ? "pipe" : "ignore"), "pipe", "pipe"];
  const child = spawn(file, rest, { env, stdio, ...(cwd && { cwd }) });
  if (fd !== undefined) closeSync(fd);
  // A program that ends without reading its stdin is not an error of the test.
  child.stdin?.on("error", () => undefined);
  if (piped && stdin !== "open" && fd === undefined) child.stdin?.end(stdin);
  return child;
}

function collectStdout(child: ChildProcess, options: RunOptions): Buffer[] {
  const { killAfterStdoutBytes = Infinity, closeStdoutAfterBytes = Infinity, signal = "SIGTERM" } = options;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let killed = false;
  child.stdout?.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    // Once: a second signal ends the program at once.
    if (bytes >= killAfterStdoutBytes && !killed) killed = child.kill(signal);
    if (bytes >= closeStdoutAfterBytes) child.stdout?.destroy();
  });
  return chunks;
}

/** What happens inside a terminal, for a script that acts on it. */
export interface Terminal {
  /** All that was shown so far, escape sequences included. */
  readonly output: string;
  /** Types text; `\u0003` is Ctrl-C, `\u0004` the end of input. */
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves when the output holds the text, rejects when the program ends without it. */
  waitFor(text: string): Promise<void>;
}

export interface TerminalOptions extends Pick<RunOptions, "env" | "cwd" | "home" | "program"> {
  readonly columns?: number;
  readonly rows?: number;
  readonly act?: (terminal: Terminal) => Promise<void>;
}

export interface TerminalResult {
  readonly code: number;
  readonly output: string;
  readonly ms: number;
}

/** Runs the built command line with stdin, stdout and stderr on one pseudo-terminal. */
export async function runInTerminal(
  args: readonly string[],
  options: TerminalOptions = {},
): Promise<TerminalResult> {
  const pty = await import("@lydell/node-pty");
  return inHome(options.home, async (home) => {
    const started = performance.now();
    const child = pty.spawn(process.execPath, [options.program ?? LAUNCHER, ...args], {
      // The library puts this name over TERM of the environment.
      name: options.env?.TERM ?? "xterm-256color",
      cols: options.columns ?? 80,
      rows: options.rows ?? 24,
      env: scrubbed(home, options.env),
      cwd: options.cwd ?? home,
    });
    const screen = watch(child);
    const guard = setTimeout(() => child.kill("SIGKILL"), MAX_RUN_MS);
    const acted = options.act?.(screen.terminal);
    const code = await screen.ended.finally(() => clearTimeout(guard));
    await acted;
    return { code, output: screen.terminal.output, ms: performance.now() - started };
  });
}

function watch(child: import("@lydell/node-pty").IPty) {
  const waiting = new Set<() => void>();
  let output = "";
  let over = false;
  child.onData((data) => {
    output += data;
    for (const check of [...waiting]) check();
  });
  const ended = new Promise<number>((done) => {
    child.onExit(({ exitCode, signal }) => {
      over = true;
      for (const check of [...waiting]) check();
      done(signal ? 128 + signal : exitCode);
    });
  });
  const terminal: Terminal = {
    get output() {
      return output;
    },
    type: (text) => child.write(text),
    resize: (columns, rows) => child.resize(columns, rows),
    waitFor: (text) =>
      new Promise((done, fail) => {
        const check = () => {
          if (!output.includes(text) && !over) return;
          waiting.delete(check);
          if (output.includes(text)) done();
          else fail(new Error(`ended without ${JSON.stringify(text)}: ${JSON.stringify(output)}`));
        };
        waiting.add(check);
        check();
      }),
  };
  return { terminal, ended };
}

async function inHome<T>(given: string | undefined, run: (home: string) => Promise<T>): Promise<T> {
  const home = given ?? (await mkdtemp(join(tmpdir(), "riptide-home-")));
  await mkdir(join(home, "run"), { recursive: true, mode: 0o700 });
  try {
    return await run(home);
  } finally {
    if (!given) await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function scrubbed(home: string, env: RunOptions["env"] = {}): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_STATE_HOME: join(home, ".local/state"),
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_RUNTIME_DIR: join(home, "run"),
    ...env,
  };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
}
