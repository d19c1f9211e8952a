import { unreachable } from "../core/errors.ts";
import type { Framer, Framing } from "./frame.ts";

/** A framer for one stream. Only the module of that framing is loaded, which keeps a short run short. */
export async function createFramer(framing: Framing): Promise<Framer> {
  switch (framing) {
    case "sse":
      return (await import("./sse.ts")).sseFramer();
    case "ndjson":
      return (await import("./ndjson.ts")).ndjsonFramer();
    case "aws-event-stream":
      return (await import("./aws-event-stream.ts")).awsEventStreamFramer();
    default:
      return unreachable(framing);
  }
}
