import { expect, it } from "vitest";
import { createFramer } from "../../src/wire/framer.ts";
import { encodeAwsFrame } from "../helpers/aws-frames.ts";
import { framed } from "../helpers/framed.ts";

it.each([
  ["sse", Buffer.from("event: greeting\ndata: {}\n\n"), "greeting"],
  ["ndjson", Buffer.from("{}\n"), ""],
  ["aws-event-stream", encodeAwsFrame({ ":message-type": "event", ":event-type": "chunk" }, "{}"), "chunk"],
] as const)("cuts %s", async (framing, bytes, event) => {
  expect(framed(await createFramer(framing), bytes)).toEqual([{ kind: "event", event, data: "{}" }]);
});
