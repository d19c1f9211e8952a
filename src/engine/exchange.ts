import type { Clock } from "../core/clock.ts";
import type { Completion } from "../core/completion.ts";
import { RiptideError } from "../core/errors.ts";
import type { StreamEvent } from "../core/events.ts";
import type { Adapter, ProviderRequest } from "../providers/adapter.ts";
import { wrongShape } from "../providers/failure.ts";
import type { Frame, Framer, Framing } from "../wire/frame.ts";
import { framersOf, type NewFramer } from "../wire/framer.ts";
import type { Exchange, Transport, WireReply, WireRequest, WireResponse } from "../wire/http.ts";
import { untilAborted } from "./limit.ts";

/** One exchange with one provider. */
export interface Call {
  readonly adapter: Adapter;
  readonly transport: Transport;
  readonly exchange: Exchange;
  readonly clock: Clock;
  /** Where streams are asked for again and again. */
  readonly newFramer?: NewFramer;
}

/** An error body is read this far. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Asks for a whole answer. */
export async function completeOnce(call: Call, request: ProviderRequest): Promise<Completion> {
  const reply = await fetchReply(call, call.adapter.toWire(request));
  return call.adapter.fromWire(reply, request);
}

/** Reads events that came together; false when no more of them are wanted. A promise where it has to wait. */
export type ReadEvents = (events: readonly StreamEvent[]) => boolean | Promise<boolean>;

interface StreamReader {
  readonly read: ReadEvents;
  /** Something has come, whatever it is. */
  onBytes(): void;
}

/**
 * Asks for a stream and reads its events. It ends well only after the dialect's terminal marker; the end of the bytes
 * alone is an error (SR-1).
 */
export async function streamOnce(
  call: Call,
  request: ProviderRequest,
  { read, onBytes }: StreamReader,
): Promise<void> {
  const response = await open(call, call.adapter.toWire(request));
  if (isBufferedJson(response, call.adapter.framing)) {
    await read(eventsOf(call.adapter.fromWire(await readAll(response), request)));
    return;
  }
  const framer = await (call.newFramer ?? framersOf(call.adapter.framing))();
  const { seen, readBytes, readEnd } = eventReader(framer, call.adapter.decoder(request), read);
  try {
    for await (const chunk of response.body) {
      onBytes();
      if (!(await readBytes(chunk))) return;
    }
    await readEnd();
  } catch (error) {
    // What follows a whole answer can no longer spoil it.
    if (seen.whole && !seen.isRefused) return;
    throw error;
  }
  if (!seen.whole) throw cutShort();
}

/**
 * From bytes to the reader of the events. Each step says whether more is wanted; most readers are quick, and then
 * nothing has to be waited for.
 */
function eventReader(framer: Framer, decode: ReturnType<Adapter["decoder"]>, read: ReadEvents) {
  const seen: Seen = { whole: false, done: false, isRefused: false };
  const readFrames = (frames: readonly Frame[]): boolean | Promise<boolean> => {
    const { events, failure } = decodeAll(frames, decode, seen);
    const goOn = (isWanted: boolean): boolean => {
      seen.isRefused = false;
      if (failure) throw failure.error;
      return isWanted && !seen.done;
    };
    seen.isRefused = true;
    const isWanted = events.length === 0 || read(events);
    return typeof isWanted === "boolean" ? goOn(isWanted) : isWanted.then(goOn);
  };
  const readBytes = (chunk: Uint8Array): boolean | Promise<boolean> => {
    if (chunk.length <= SLICE_BYTES) return readFrames(framer.push(chunk));
    const isWanted = readFrames(framer.push(chunk.subarray(0, SLICE_BYTES)));
    const readRest = (goesOn: boolean) => goesOn && readBytes(chunk.subarray(SLICE_BYTES));
    return typeof isWanted === "boolean" ? readRest(isWanted) : isWanted.then(readRest);
  };
  return { seen, readBytes, readEnd: () => readFrames(framer.end()) };
}

/** How far a stream has come: its terminal marker was there; nothing more can follow. */
interface Seen {
  whole: boolean;
  done: boolean;
  /** The reader of its events has failed, and not the stream. */
  isRefused: boolean;
}

/** A fast provider sends more at once than should be in memory as lines, frames and events at the same time. */
const SLICE_BYTES = 4_096;

/**
 * Frame by frame, so that what came before a bad frame is not lost with it. After the terminal marker only usage
 * is still to come; anything else a provider adds is no part of the answer.
 */
function decodeAll(
  frames: readonly Frame[],
  decode: (frame: Frame) => readonly StreamEvent[],
  seen: Seen,
): { readonly events: readonly StreamEvent[]; readonly failure?: { readonly error: unknown } } {
  const events: StreamEvent[] = [];
  try {
    for (const frame of frames) {
      for (const event of decode(frame)) {
        seen.done ||= event.type === "done";
        if (seen.done) return { events };
        if (!seen.whole || event.type === "usage") events.push(event);
        seen.whole ||= event.type === "terminal";
      }
    }
    return { events };
  } catch (error) {
    return { events, failure: { error } };
  }
}

const cutShort = () =>
  new RiptideError("protocol_error", "the stream ended before the answer was whole", {
    action: "repair",
    phase: "body",
  });

/** Sends a request and reads the whole reply; a failed status becomes the vendor's error. */
export async function fetchReply(call: Call, wire: WireRequest): Promise<WireReply> {
  return (await fetchTimedReply(call, wire)).reply;
}

/** The same, with the time of each step. */
export async function fetchTimedReply(call: Call, wire: WireRequest) {
  const response = await open(call, wire);
  return { reply: await readAll(response), timings: response.timings };
}

/** The events of a whole answer, as a stream would have brought them. */
export function eventsOf(completion: Completion): readonly StreamEvent[] {
  const { model, reasoning, thoughts = [], text, toolCalls, usage } = completion;
  const { finish, unknownFinish, refusal } = completion;
  const events: StreamEvent[] = [];
  if (model) events.push({ type: "model", model });
  if (reasoning) events.push({ type: "reasoning", text: reasoning });
  for (const each of thoughts) events.push({ type: "thoughts", ...each });
  if (text) events.push({ type: "delta", text });
  for (const [index, call] of toolCalls.entries()) {
    events.push({ type: "tool_call", index, id: call.id, name: call.name, argumentsDelta: call.arguments });
  }
  if (usage) events.push({ type: "usage", usage });
  events.push(
    { type: "finish", finish, ...(unknownFinish && { unknownFinish }), ...(refusal && { refusal }) },
    { type: "terminal" },
  );
  return events;
}

async function open({ transport, exchange, adapter, clock }: Call, wire: WireRequest): Promise<WireResponse> {
  const response = await untilAborted(transport(wire, exchange), exchange.signal);
  if (response.status >= 200 && response.status < 300) {
    requireReadable(response);
    return { ...response, body: bodyOf(response, exchange.signal) };
  }
  const body = await readStart(bodyOf(response, exchange.signal), MAX_ERROR_BYTES);
  const { status, headers, tokenDropped } = response;
  const error = adapter.classify({ status, headers, body, wallMs: clock.wall() });
  throw tokenDropped ? new RiptideError(error.code, error.message, { ...error.facts, tokenDropped }) : error;
}

const bodyOf = ({ body, endsWithSignal }: WireResponse, signal: AbortSignal): AsyncIterable<Uint8Array> =>
  endsWithSignal ? body : endedBy(body, signal);

/** The bytes as they come; an abort ends the wait for more, whatever the transport is still waiting for (DL-5). */
function endedBy(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  let giveUp: ((reason: unknown) => void) | undefined;
  const stop = () => giveUp?.(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const over = () => signal.removeEventListener("abort", stop);
  const next = (): Promise<IteratorResult<Uint8Array>> => {
    if (signal.aborted) return leave(signal.reason);
    return new Promise((resolve, reject) => {
      giveUp = (reason) => leave(reason).catch(reject);
      chunks.next().then(
        (step) => {
          giveUp = undefined;
          if (step.done) over();
          resolve(step);
        },
        (error: unknown) => {
          over();
          reject(error);
        },
      );
    });
  };
  /** Not waited for: a body that has not noticed the abort would hold everything up. */
  const leave = (reason: unknown): Promise<never> => {
    over();
    chunks.return?.().catch(() => undefined);
    return Promise.reject(reason);
  };
  const iterator: AsyncIterator<Uint8Array> = {
    next,
    async return() {
      over();
      chunks.return?.().catch(() => undefined);
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

const contentType = ({ headers }: WireResponse) =>
  headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";

function requireReadable(response: WireResponse): void {
  if (/^(text\/html|application\/xml|text\/xml)$/.test(contentType(response))) {
    throw wrongShape(`answered ${response.status} with ${contentType(response)}, which no model API sends`);
  }
}

/** Some servers answer a streamed request with one JSON document: an error, or the whole answer. */
function isBufferedJson(response: WireResponse, framing: Framing): boolean {
  return framing !== "ndjson" && contentType(response) === "application/json";
}

async function readAll({ status, headers, body }: WireResponse): Promise<WireReply> {
  return { status, headers, body: await readStart(body, Number.POSITIVE_INFINITY) };
}

async function readStart(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, Math.min(size, maxBytes));
}
