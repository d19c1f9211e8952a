import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Cost, costOf, peakMegabytes } from "./measure/process.ts";
import { openStage, type Stage } from "./measure/stage.ts";
import { columns, median } from "./measure/statistics.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../bin/riptide.js");
const ROUNDS = 15;
const FLOOR = "node -e 0";
/** A long answer, in pieces as large as fast providers send them. */
const LONG = { tokens: 40_000, tokenBytes: 25, budgetMb: 90 };

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Of CPU time over the floor. */
  readonly budgetMs: number;
  /** Nothing of the configuration was kept by an earlier run. */
  readonly cold?: boolean;
  /** A daemon of the same program answers. */
  readonly served?: boolean;
}

const CASES: readonly Case[] = [
  { name: "--version", args: ["--version"], budgetMs: 15 },
  { name: "--help", args: ["--help"], budgetMs: 30 },
  { name: "complete", args: ["complete", "hello"], budgetMs: 85 },
  { name: "complete, cold", args: ["complete", "hello"], budgetMs: 85, cold: true },
  { name: "complete, daemon", args: ["complete", "hello"], budgetMs: 45, served: true },
  { name: "providers list", args: ["providers", "list"], budgetMs: 90 },
  { name: "config validate", args: ["config", "validate"], budgetMs: 90 },
];

const COMPLETIONS = CASES.filter(({ args }) => args[0] === "complete");

/** A stage with a daemon of each program: their sockets by program. */
interface Served extends Stage {
  readonly sockets: ReadonlyMap<string, string>;
}

async function openServed(programs: readonly string[], tokens: number, tokenBytes: number): Promise<Served> {
  const stage = await openStage(tokens, tokenBytes);
  const sockets = new Map<string, string>();
  for (const program of programs) sockets.set(program, await stage.serve(program));
  return { ...stage, sockets };
}

/** One line of the result: a case under one program, in milliseconds over the floor. */
interface Line extends Cost {
  readonly name: string;
  readonly program: string;
  readonly budgetMs: number;
  readonly isOver: boolean;
}

/**
 * What each kind of call costs over the floor of the same Node, and the memory that a long answer takes.
 * `--against PATH` measures another build's `bin/riptide.js` in the same rounds; `--json` prints a document.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = { json: { type: "boolean" }, against: { type: "string", multiple: true } } as const;
  const { json, against = [] } = parseArgs({ args: [...args], options }).values;
  const programs = [LAUNCHER, ...against.map((path) => resolve(path))];
  const { floor, lines } = await startTimes(programs);
  const memory = await longAnswers(programs);
  if (json)
    console.log(JSON.stringify({ node: process.version, rounds: ROUNDS, floor, lines, memory }, null, 2));
  else console.log([startTable(floor, lines), memoryTable(memory)].join("\n\n"));
}

async function startTimes(programs: readonly string[]) {
  const stage = await openServed(programs, 20, 5);
  const costs = new Map<string, Cost[]>();
  const note = (key: string, cost: Cost) => void costs.set(key, [...(costs.get(key) ?? []), cost]);
  const everything = programs.flatMap((program) => CASES.map((each) => ({ each, program })));
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      // The first round warms the disk.
      if (round === 1) costs.clear();
      note(FLOOR, costOf({ argv: [process.execPath, "-e", "0"], env: stage.env }));
      for (const { each, program } of everything) note(keyOf(each, program), measure(each, program, stage));
    }
  } finally {
    stage.close();
  }
  const floor = middle(costs.get(FLOOR));
  return { floor, lines: everything.map(({ each, program }) => lineOf(each, program, { floor, costs })) };
}

const keyOf = ({ name }: Case, program: string) => `${program} ${name}`;

function measure(each: Case, program: string, stage: Served): Cost {
  if (each.cold) stage.forget();
  return costOf(calling(each, program, stage));
}

function calling({ args, served }: Case, program: string, { env, sockets }: Served) {
  const way = served ? ["--daemon", "require", "--socket", sockets.get(program) ?? ""] : [];
  return { argv: [process.execPath, program, ...args, ...way], env };
}

const middle = (costs: readonly Cost[] = []): Cost => ({
  wallMs: median(costs.map(({ wallMs }) => wallMs)),
  cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
});

function lineOf(
  each: Case,
  program: string,
  { floor, costs }: { readonly floor: Cost; readonly costs: ReadonlyMap<string, readonly Cost[]> },
): Line {
  const { wallMs, cpuMs } = middle(costs.get(keyOf(each, program)));
  const over = { wallMs: wallMs - floor.wallMs, cpuMs: cpuMs - floor.cpuMs };
  const { name, budgetMs } = each;
  return { name, program, ...over, budgetMs, isOver: over.cpuMs > budgetMs };
}

async function longAnswers(programs: readonly string[]) {
  const stage = await openServed(programs, LONG.tokens, LONG.tokenBytes);
  try {
    return programs.flatMap((program) =>
      COMPLETIONS.map((each) => ({ name: each.name, program, ...longAnswer(each, program, stage) })),
    );
  } finally {
    stage.close();
  }
}

function longAnswer(each: Case, program: string, stage: Served) {
  const called = calling(each, program, stage);
  // The first call tells what the next ones find.
  const cost = costOf(called);
  const peaks = Array.from({ length: 5 }, () => {
    if (each.cold) stage.forget();
    return peakMegabytes(called);
  });
  const peakMb = Math.max(...peaks);
  return { ...cost, peakMb, budgetMb: LONG.budgetMb, isOver: peakMb > LONG.budgetMb };
}

const verdict = ({ isOver }: { readonly isOver: boolean }) => (isOver ? "OVER" : "under");
const round = (value: number) => value.toFixed(0);
/** The program's place, where there is more than one. */
const placeOf = (program: string) => (program === LAUNCHER ? "" : ` (${program})`);

function startTable(floor: Cost, lines: readonly Line[]): string {
  return columns([
    [`ms over the floor, median of ${ROUNDS}`, "wall", "cpu", "budget", ""],
    [`floor: ${FLOOR}, ${process.version}`, round(floor.wallMs), round(floor.cpuMs), "", ""],
    ...lines.map((line) => [
      `${line.name}${placeOf(line.program)}`,
      round(line.wallMs),
      round(line.cpuMs),
      String(line.budgetMs),
      verdict(line),
    ]),
  ]);
}

function memoryTable(memory: Awaited<ReturnType<typeof longAnswers>>): string {
  return columns([
    ["a streamed answer of 1 MB", "wall ms", "cpu ms", "peak MB", "budget", ""],
    ...memory.map((one) => [
      `${one.name}${placeOf(one.program)}`,
      round(one.wallMs),
      round(one.cpuMs),
      round(one.peakMb),
      String(one.budgetMb),
      verdict(one),
    ]),
  ]);
}
