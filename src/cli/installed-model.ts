import { fetchReply } from "../engine/exchange.ts";
import { createRegistry } from "../providers/registry.ts";
import { createNodeTransport } from "../wire/transport-node.ts";
import type { Io } from "./io.ts";

/** A local server that is there answers within this time. */
const LIMIT_MS = 300;

/** The first model of an Ollama server, or undefined when none listens there or it has none. */
export async function installedModel(
  baseUrl: string,
  { clock, environment }: Io,
): Promise<string | undefined> {
  const controller = new AbortController();
  const cancel = clock.timer(LIMIT_MS, () => controller.abort(new Error("no local server in time")));
  const transport = createNodeTransport({ allowPrivate: true }, clock);
  try {
    const ollama = createRegistry().find("ollama");
    const instance = await ollama?.type.create({ baseUrl } as never, {
      id: "ollama",
      clock,
      environment: environment.lookup,
      readFile: async () => "",
      credentialTransport: transport,
    });
    const lister = instance?.adapter.models;
    if (!instance || !lister) return undefined;
    const exchange = { signal: controller.signal, connectTimeoutMs: LIMIT_MS };
    const reply = await fetchReply(
      { adapter: instance.adapter, transport, clock, exchange },
      lister.toWire(),
    );
    return lister.fromWire(reply).models[0]?.model;
  } catch {
    // Whatever listens there is no Ollama server, or nothing does: then there is none to discover.
    return undefined;
  } finally {
    cancel();
  }
}
