import { unreachable } from "../core/errors.ts";
import type { Framer, Framing } from "./frame.ts";

/** Makes framers of one framing; at once from the second one on. */
export type NewFramer = () => Framer | Promise<Framer>;

/** Only the module of the framing is loaded, and that when it is first needed, which keeps a short run short. */
export function framersOf(framing: Framing): NewFramer {
  let make: (() => Framer) | undefined;
  const load = async (): Promise<Framer> => {
    make = await makerOf(framing);
    return make();
  };
  return () => make?.() ?? load();
}

/** A framer for one stream. */
export const createFramer = async (framing: Framing): Promise<Framer> => (await makerOf(framing))();

async function makerOf(framing: Framing): Promise<() => Framer> {
  switch (framing) {
    case "sse":
      return (await import("./sse.ts")).sseFramer;
    case "ndjson":
      return (await import("./ndjson.ts")).ndjsonFramer;
    case "aws-event-stream":
      return (await import("./aws-event-stream.ts")).awsEventStreamFramer;
    default:
      return unreachable(framing);
  }
}
