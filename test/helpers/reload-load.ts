import { appendFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../src/core/clock.ts";

/** What a daemon is put through while its configuration changes. */
export interface ReloadLoad {
  /** Of the daemon. */
  readonly socket: string;
  /** Its configuration, which is saved again and again. */
  readonly path: string;
  readonly upstream: Upstream;
  readonly saves: number;
  /** From the end of one save to the next. */
  readonly everyMs: number;
  /** Requests at any time, one after the other each. */
  readonly concurrent: number;
  /** Streams that stay open from the first save to the last. */
  readonly streams: number;
}

export interface ReloadFigures {
  readonly requests: number;
  /** Anything but a complete answer with status 200. */
  readonly failures: readonly string[];
  readonly cutStreams: readonly string[];
  readonly goodSaves: number;
  readonly badSaves: number;
  readonly generations: number;
  /** Generations whose requests were answered by more than one model. */
  readonly mixed: number;
  /** From a good save to the first request it served. */
  readonly effectMs: readonly number[];
  /** Good saves that served no request before the next one took their place. */
  readonly superseded: number;
  /** The same for the last save, which nothing takes the place of. */
  readonly lastEffectMs: number;
}

/** Saves the file in every way there is while requests and streams go on, and counts what went wrong. */
export async function reloadUnderLoad(load: ReloadLoad): Promise<ReloadFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.concurrent + load.streams + 4 });
  const seen = new Map<string, Set<string>>();
  const firstSeenMs = new Map<string, number>();
  const failures: string[] = [];
  let requests = 0;
  let isOver = false;
  const ask = async () => {
    while (!isOver) {
      requests += 1;
      const begunMs = systemClock.now();
      try {
        const { model, generation } = await answerOf(load.socket, agent);
        firstSeenMs.set(model, Math.min(begunMs, firstSeenMs.get(model) ?? Infinity));
        seen.set(generation, (seen.get(generation) ?? new Set()).add(model));
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const streams = Array.from({ length: load.streams }, () => streamOf(load.socket, agent));
  const askers = Array.from({ length: load.concurrent }, ask);
  const saved = await saveAll(load, firstSeenMs);
  isOver = true;
  await Promise.all(askers);
  load.upstream.finishStreams();
  const cutStreams = (await Promise.all(streams)).filter((problem) => problem !== undefined);
  agent.destroy();
  const allMs = [...saved.atMs].map(([model, ms]) => (firstSeenMs.get(model) ?? Infinity) - ms);
  const effectMs = allMs.filter(Number.isFinite);
  return {
    ...{ requests, failures, cutStreams, effectMs },
    superseded: allMs.length - effectMs.length,
    lastEffectMs: allMs.at(-1) ?? Infinity,
    goodSaves: saved.atMs.size,
    badSaves: load.saves - saved.atMs.size,
    generations: seen.size,
    mixed: [...seen.values()].filter((models) => models.size > 1).length,
  };
}

/** A configuration whose one model tells which save it is. */
export const savedYaml = (model: string, port: number) => `version: 1
providers:
  up: { type: openai, api_key: sk-test, base_url: "http://127.0.0.1:${port}/v1" }
models:
  default: { targets: [up/${model}] }
`;

type Way = (path: string, text: string) => void | Promise<void>;

const WAYS: readonly Way[] = [
  (path, text) => writeFileSync(path, text),
  (path, text) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  },
  // As vim does.
  (path, text) => {
    renameSync(path, `${path}~`);
    writeFileSync(path, text);
    unlinkSync(`${path}~`);
  },
  (path, text) => {
    const target = `${path}.${systemClock.now()}`;
    writeFileSync(target, text);
    rmSync(`${path}.link`, { force: true });
    symlinkSync(target, `${path}.link`);
    renameSync(`${path}.link`, path);
  },
  (path, text) => {
    unlinkSync(path);
    writeFileSync(path, text);
  },
  async (path, text) => {
    writeFileSync(path, "");
    const part = Math.ceil(text.length / 6);
    for (let at = 0; at < text.length; at += part) {
      appendFileSync(path, text.slice(at, at + part));
      await systemClock.sleep(40);
    }
  },
];

const INVALID: readonly string[] = ["", "# nothing\n", "version: 1\nprovders: {}\n", "version: [\n"];

/** @returns When each good one was whole, by its model. */
async function saveAll({ path, upstream, saves, everyMs }: ReloadLoad, seen: ReadonlyMap<string, number>) {
  const atMs = new Map<string, number>();
  let last = "";
  for (let n = 0; n < saves; n += 1) {
    if (n % 7 === 6 && n < saves - 1) writeFileSync(path, INVALID[n % INVALID.length] ?? "");
    else {
      last = `m-${n}`;
      await WAYS[n % WAYS.length]?.(path, savedYaml(last, upstream.port));
      atMs.set(last, systemClock.now());
    }
    await systemClock.sleep(everyMs);
  }
  for (let tries = 0; tries < 30 && !seen.has(last); tries += 1) await systemClock.sleep(100);
  return { atMs };
}

const BODY = { model: "default", messages: [{ role: "user", content: "hi" }] };

function post(socketPath: string, agent: Agent, body: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const path = "/v1/chat/completions";
    request({ socketPath, agent, path, method: "POST", headers }, resolve)
      .on("error", reject)
      .end(JSON.stringify(body));
  });
}

async function answerOf(socket: string, agent: Agent) {
  const response = await post(socket, agent, BODY);
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${text.slice(0, 200)}`);
  const { model } = JSON.parse(text);
  return { model: String(model), generation: String(response.headers["x-riptide-generation"]) };
}

/** What is wrong with a stream that should be whole; undefined when nothing is. */
async function streamOf(socket: string, agent: Agent): Promise<string | undefined> {
  let text = "";
  try {
    const response = await post(socket, agent, { ...BODY, stream: true });
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
  } catch (error) {
    return `${String(error)} after ${text.length} bytes`;
  }
  if (!text.trimEnd().endsWith("data: [DONE]")) return `ends with ${text.slice(-200)}`;
  const words = [...text.matchAll(/"content":"w(\d+) "/g)].map(([, n]) => Number(n));
  const isWhole = words.length > 0 && words.every((word, index) => word === index);
  return isWhole ? undefined : `${words.length} words, out of order`;
}

/** An OpenAI server that answers with the name of the model, and streams until it is told to end. */
export interface Upstream {
  readonly port: number;
  finishStreams(): void;
  close(): Promise<void>;
}

const PAUSE_MS = 100;

export async function startUpstream(delayMs: number): Promise<Upstream> {
  let isFinished = false;
  const server = createServer(async (incoming, response) => {
    let text = "";
    for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
    // A probe's look has no body, and who has gone wants no answer.
    if (text === "") return void response.writeHead(404).end();
    const { model, stream } = JSON.parse(text);
    if (!stream) {
      await systemClock.sleep(delayMs);
      response.setHeader("content-type", "application/json").end(JSON.stringify(completionOf(model)));
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    for (let n = 0; !isFinished || n < 3; n += 1) {
      response.write(eventOf(model, { delta: { content: `w${n} ` } }));
      await systemClock.sleep(PAUSE_MS);
    }
    response.write(eventOf(model, { delta: {}, finish_reason: "stop" }));
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port, // Of a server that listens on TCP.
    finishStreams() {
      isFinished = true;
    },
    close: () => closed(server),
  };
}

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const completionOf = (model: string) => ({
  ...{ id: "c", object: "chat.completion", created: 1, model },
  choices: [{ index: 0, message: { role: "assistant", content: model }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

const eventOf = (model: string, choice: object) =>
  `data: ${JSON.stringify({
    ...{ id: "c", object: "chat.completion.chunk", created: 1, model },
    choices: [{ index: 0, finish_reason: null, ...choice }],
  })}\n\n`;
