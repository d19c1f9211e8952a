import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openGuard } from "../../src/engine/guard.ts";
import { VENDORS, type Vendor } from "../e2e/vendors.ts";
import { type Asked, ask } from "../helpers/ask.ts";
import { startBlackHole } from "../helpers/black-hole.ts";
import { closedPort, documentOf, guarded, HEAD, startServer, startSound } from "../helpers/fault-stage.ts";
import { type Peer, startRawServer } from "../helpers/raw-server.ts";
import { SLOW_SERVERS } from "../helpers/slow-servers.ts";
import { vendorEngine } from "../helpers/vendor-engine.ts";
import { columns, median } from "./measure/statistics.ts";

const [openai] = VENDORS as readonly [Vendor];

/** What a number of runs of one fault took, and what they may take. */
interface Measured {
  readonly row: number;
  readonly fault: string;
  readonly required: readonly [leastMs: number, mostMs: number];
  readonly ms: readonly number[];
}

interface Resource {
  close(): Promise<unknown>;
}

/** Runs the timed rows of the fault matrix; the first argument is the number of requests of row 29. */
export async function run([requests = "10000"]: readonly string[]): Promise<void> {
  const open: Resource[] = [];
  const kept = <T extends Resource>(resource: T): T => {
    open.push(resource);
    return resource;
  };
  const measured: Measured[] = [];
  try {
    for (const measure of [refused, unreachable, silent, stalled, toldToWait, left])
      measured.push(...(await measure(kept)));
    measured.push(...(await collected(Number(requests))));
  } finally {
    for (const { close } of open) await close();
  }
  console.log(columns([TITLES, ...measured.map(lineOf)]));
  if (!measured.every(isMet)) process.exitCode = 1;
}

type Keep = <T extends Resource>(resource: T) => T;

const TITLES = ["fault", "row", "runs", "median ms", "worst ms", "required ms", ""];

const isMet = ({ ms, required: [least, most] }: Measured): boolean =>
  ms.every((each) => each >= least && each <= most);

function lineOf(measured: Measured): readonly string[] {
  const { row, fault, ms, required } = measured;
  const [least, most] = required;
  const span = least === 0 ? `<= ${most}` : `${least}-${most}`;
  const figures = [median(ms), Math.max(...ms)].map((each) => each.toFixed(1));
  return [fault, String(row), String(ms.length), ...figures, span, isMet(measured) ? "ok" : "FAILED"];
}

/** An engine with these addresses, one provider each, in this order. */
async function engineOf(urls: readonly string[], extra = "") {
  const entries = urls.map((url, index) => [openai, url, `p${index}`] as const);
  return guarded(await vendorEngine(entries, extra), { random: Math.random });
}

type Engine = Awaited<ReturnType<typeof engineOf>>;

/** So many requests at once, each with an engine of its own; what each, or a part of it, took in milliseconds. */
async function timed(
  count: number,
  engine: () => Promise<Engine>,
  how: { readonly check: (asked: Asked) => boolean; readonly took?: (asked: Asked) => number | undefined },
): Promise<readonly number[]> {
  const one = async () => {
    const asking = await engine();
    // What the first request of an engine loads is not what is measured.
    await Promise.all(asking.generation.config.providers.map(({ id }) => asking.generation.provider(id)));
    const startedAt = performance.now();
    const asked = ask(asking);
    await asked.done;
    const ms = performance.now() - startedAt;
    if (!how.check(asked)) throw new Error(`not as expected: ${asked.tried.join(", ")} ${asked.text}`);
    return how.took?.(asked) ?? ms;
  };
  return Promise.all(Array.from({ length: count }, one));
}

/** The time of the first attempt alone. */
const firstAttempt = ({ result }: Asked) => result?.attempts[0]?.ms;

const byNext = ({ text }: Asked) => text === "from the second";

async function refused(keep: Keep): Promise<readonly Measured[]> {
  const urls = [await closedPort(), keep(await startSound()).url];
  const oneByOne = async (extra: string) => {
    const ms: number[] = [];
    for (let n = 0; n < 55; n += 1)
      ms.push(...(await timed(1, () => engineOf(urls, extra), { check: byNext })));
    return ms.slice(5);
  };
  return [
    { row: 1, fault: "refused, one repair, next", required: [0, 300], ms: await oneByOne("") },
    {
      row: 1,
      fault: "refused, repair: never, next",
      required: [0, 20],
      ms: await oneByOne("failover: { repair: never }\n"),
    },
  ];
}

async function unreachable(keep: Keep): Promise<readonly Measured[]> {
  const urls = [keep(await startBlackHole()).url, keep(await startSound()).url];
  const ms = await timed(10, () => engineOf(urls), { check: byNext });
  return [{ row: 2, fault: "connect black hole, next", required: [900, 1_100], ms }];
}

async function silent(keep: Keep): Promise<readonly Measured[]> {
  const [hold] = [SLOW_SERVERS.silent?.(0) ?? (() => {})];
  const [slow, second] = [keep(await startRawServer(hold)), keep(await startSound())];
  const isOver = ({ failure }: Asked) => failure?.error.code === "deadline_exceeded";
  return [
    {
      row: 4,
      fault: "silent, next at the slice of 3 s",
      required: [2_900, 3_100],
      ms: await timed(20, () => engineOf([slow.url, second.url]), { check: byNext, took: firstAttempt }),
    },
    {
      row: 4,
      fault: "silent, nobody else, D 5 s",
      required: [4_900, 5_100],
      ms: await timed(20, () => engineOf([slow.url, slow.url]), { check: isOver }),
    },
  ];
}

const PART = `${HEAD("text/event-stream")}data: {"choices":[{"index":0,"delta":{"content":"from "}}]}\n\n`;

async function stalled(keep: Keep): Promise<readonly Measured[]> {
  const [stall, second] = [keep(await startServer((peer) => peer.send(PART))), keep(await startSound())];
  const isPartial = ({ failure }: Asked) => failure?.partialText === "from " && failure.error.exit === 6;
  return [
    {
      row: 14,
      fault: "silent after a token, continued at 5 s",
      required: [4_900, 5_100],
      ms: await timed(20, () => engineOf([stall.url, second.url]), { check: byNext, took: firstAttempt }),
    },
    {
      row: 14,
      fault: "silent after a token, partial at 5 s",
      required: [4_900, 5_100],
      ms: await timed(20, () => engineOf([stall.url]), { check: isPartial }),
    },
  ];
}

async function toldToWait(keep: Keep): Promise<readonly Measured[]> {
  const second = keep(await startSound());
  const refusing = async (seconds: number) => {
    const refusal = `HTTP/1.1 429 No\r\nretry-after: ${seconds}\r\ncontent-length: 2\r\n\r\n{}`;
    let asked = 0;
    const answer = (peer: Peer) => {
      asked += 1;
      peer.send(asked === 1 ? refusal : documentOf("from the first"));
    };
    return engineOf([keep(await startServer(answer)).url, second.url]);
  };
  const byFirst = ({ text }: Asked) => text === "from the first";
  return [
    {
      row: 18,
      fault: "429, Retry-After 1 s, same provider",
      required: [1_000, 1_100],
      ms: await timed(20, () => refusing(1), { check: byFirst }),
    },
    {
      row: 18,
      fault: "429, Retry-After 60 s, next",
      required: [0, 100],
      ms: await timed(20, () => refusing(60), { check: byNext }),
    },
  ];
}

async function left(keep: Keep): Promise<readonly Measured[]> {
  const server = keep(await startServer((peer) => peer.send(PART)));
  const engine = await engineOf([server.url]);
  const ms: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    let leftAt = 0;
    const asked = ask(engine, {
      onEvent: ({ type }, cancel) => {
        if (type !== "delta") return;
        leftAt = performance.now();
        cancel();
      },
    });
    await asked.done;
    await server.peers.at(-1)?.closed;
    ms.push(performance.now() - leftAt);
  }
  return [{ row: 30, fault: "caller gone, upstream closed", required: [0, 100], ms }];
}

const PARALLEL = 50;
const DEADLINE_MS = 1_000;
/** The servers of this process remember their connections, and a large heap is slow to collect. */
const BATCH = 1_000;

async function collected(requests: number): Promise<readonly Measured[]> {
  setFlagsFromString("--expose-gc");
  const collecting = setInterval(runInNewContext("gc") as () => void, 10);
  const ms: number[] = [];
  while (ms.length < requests) ms.push(...(await overSlowServers(Math.min(BATCH, requests - ms.length))));
  clearInterval(collecting);
  return [{ row: 29, fault: "collecting garbage every 10 ms, D 1 s", required: [900, 1_100], ms }];
}

/** Requests to servers that keep them waiting, some at a time; what each took in milliseconds. */
async function overSlowServers(requests: number): Promise<readonly number[]> {
  const names = ["silent", "flooding with 1xx", "dripping its head", "dripping its body"];
  const scripts = names.map((name) => SLOW_SERVERS[name]?.(300) ?? (() => {}));
  const servers = await Promise.all(scripts.map((script) => startRawServer(script)));
  const engines = await Promise.all(servers.map(({ url }) => engineOf([url])));
  const ms: number[] = [];
  const one = async (n: number) => {
    const engine = engines[n % engines.length];
    if (!engine) return;
    const startedAt = performance.now();
    const asked = ask({ ...engine, guard: openGuard }, { stream: n % 8 < 4, timeoutMs: DEADLINE_MS });
    await asked.done;
    ms.push(performance.now() - startedAt);
    if (asked.failure?.error.code !== "deadline_exceeded") throw new Error(`ended with ${asked.tried}`);
  };
  for (let n = 0; n < requests; n += PARALLEL)
    await Promise.all(Array.from({ length: Math.min(PARALLEL, requests - n) }, (_, at) => one(n + at)));
  await Promise.all(servers.map(({ close }) => close()));
  return ms;
}
