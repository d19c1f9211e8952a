import { rmSync } from "node:fs";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { Agent, fetch as undiciFetch } from "undici";
import { type Received, type Simulator, startSimulator } from "../helpers/simulator.ts";
import { startCli } from "./stage.ts";
import { CREDENTIALS, openWorkplace, VENDORS, type Vendor, yamlOf } from "./vendors.ts";

/** A daemon before simulators of every vendor, and both official SDKs at its socket, changed in their transport alone. */
export interface SdkStage {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly simulators: ReadonlyMap<string, Simulator>;
  simulatorOf(vendor: Pick<Vendor, "name">): Simulator;
  /** What the vendor was asked for last. The daemon looks after its providers besides, without a body. */
  lastAsk(vendor: Pick<Vendor, "name">): Received | undefined;
  close(): Promise<void>;
}

export async function openSdkStage(): Promise<SdkStage> {
  const simulators = new Map<string, Simulator>();
  for (const vendor of VENDORS) simulators.set(vendor.name, await startSimulator(vendor.dialect));
  const simulatorOf: SdkStage["simulatorOf"] = ({ name }) => {
    const simulator = simulators.get(name);
    if (!simulator) throw new Error(`no simulator of ${name}`);
    return simulator;
  };
  const entries = VENDORS.map((vendor) => [vendor, simulatorOf(vendor).url] as const);
  const place = await openWorkplace(yamlOf(entries));
  const socket = join(place.folder, "run/riptide.sock");
  const daemon = startCli(place, ["daemon", "run", "--socket", socket], CREDENTIALS);
  await Promise.race([daemon.waitFor("riptide.ready/1"), daemon.ended]);
  if (daemon.stderr() !== "") throw new Error(daemon.stderr());
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  // Undici's own fetch differs from Node's in nothing but its types.
  const fetch = ((url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
  const around = { fetch, maxRetries: 0, timeout: 10_000 };
  return {
    openai: new OpenAI({ ...around, baseURL: "http://riptide/v1", apiKey: "any" }),
    anthropic: new Anthropic({ ...around, baseURL: "http://riptide", apiKey: "any" }),
    simulators,
    simulatorOf,
    lastAsk: (vendor) => simulatorOf(vendor).requests.findLast(({ method }) => method === "POST"),
    async close() {
      daemon.child.kill("SIGTERM");
      await daemon.ended;
      for (const simulator of simulators.values()) await simulator.close();
      rmSync(place.folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** What a promise fails with. */
export const failureOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );
