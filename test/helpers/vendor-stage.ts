import type { Engine } from "../../src/engine/engine.ts";
import { createFramer } from "../../src/wire/framer.ts";
import type { Transport, WireRequest, WireResponse } from "../../src/wire/http.ts";
import type { Vendor } from "../e2e/vendors.ts";
import type { Answer, Received } from "./simulator.ts";
import { vendorEngine } from "./vendor-engine.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

/** What a vendor says to one request, without a socket. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A vendor's side: its replies in turn, the last one again and again. */
export type Play = (request: WireRequest, n: number) => Reply | Promise<Reply>;

export interface VendorStage extends Engine {
  readonly clock: VirtualClock;
  /** Requests so far, by provider. */
  readonly requests: Readonly<Record<string, readonly WireRequest[]>>;
}

export interface Actor {
  readonly vendor: Vendor;
  readonly play: Play;
}

/** Real adapters in virtual time: these vendors by the name of their entry, in this order in one alias. */
export async function vendorStage(
  actors: Readonly<Record<string, Actor>>,
  around: { readonly files?: Readonly<Record<string, string>>; readonly tokens?: Play } = {},
): Promise<VendorStage> {
  const clock = virtualClock();
  const entries = Object.entries(actors);
  const requests: Record<string, WireRequest[]> = Object.fromEntries(entries.map(([id]) => [id, []]));
  const tokenRequests: WireRequest[] = [];
  const api: Transport = async (request) => {
    const index = Number(new URL(request.url).port) - FIRST_PORT;
    const [id = "", actor] = entries[index] ?? [];
    const seen = requests[id] ?? [];
    seen.push(request);
    return responseOf((await actor?.play(request, seen.length - 1)) ?? NOTHING);
  };
  const tokens: Transport = async (request) => {
    tokenRequests.push(request);
    return responseOf((await around.tokens?.(request, tokenRequests.length - 1)) ?? NOTHING);
  };
  const vendors = entries.map(
    ([id, { vendor }], index) => [vendor, `http://127.0.0.1:${FIRST_PORT + index}`, id] as const,
  );
  const engine = await vendorEngine(vendors, "", {
    clock,
    createTransport: ({ allowMetadata }) => (allowMetadata ? tokens : api),
    readFile: async (path) => around.files?.[path] ?? Promise.reject(new Error(`no file ${path}`)),
  });
  // Loaded before time is virtual: reading a file takes longer than any promise.
  await Promise.all(entries.map(([id]) => engine.generation.provider(id)));
  await Promise.all((["sse", "ndjson", "aws-event-stream"] as const).map(createFramer));
  return { ...engine, clock, requests };
}

const FIRST_PORT = 1_001;
const NOTHING: Reply = { status: 404, headers: {}, body: "" };

/** The vendor's own bytes for an answer. */
export function answerOf(vendor: Vendor, answer: Answer, request: WireRequest): Reply {
  const { pathname, search } = new URL(request.url);
  const body = Buffer.from(request.body ?? "");
  const received: Received = {
    method: request.method,
    path: pathname + search,
    headers: {},
    body,
    json: JSON.parse(body.toString("utf8")),
  };
  const { status, headers, events } = vendor.dialect.render(answer, received);
  return { status, headers, body: Buffer.concat(events.map((event) => Buffer.from(event as Uint8Array))) };
}

function responseOf({ status, headers, body }: Reply): WireResponse {
  async function* bytes() {
    yield Buffer.from(body as Uint8Array);
  }
  return { status, headers, body: bytes(), timings: { firstByteMs: 0 } };
}
