import { crc32 } from "node:zlib";
import { EventStreamCodec, Int64, type MessageHeaders } from "@smithy/eventstream-codec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awsEventStreamFramer } from "../../src/wire/aws-event-stream.ts";
import { encodeAwsFrame } from "../helpers/aws-frames.ts";
import { everyByte, framed } from "../helpers/framed.ts";

const read = (...frames: readonly Uint8Array[]) => framed(awsEventStreamFramer(), Buffer.concat(frames));
const delta = encodeAwsFrame({ ":message-type": "event", ":event-type": "contentBlockDelta" }, '{"a":"é"}');
const refused = (what: string) =>
  expect.objectContaining({ code: "protocol_error", message: expect.stringContaining(what) });

/** The message with some bytes changed and both checksums made right again. */
function forged(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(delta);
  change(bytes);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

describe("messages", () => {
  it("reads the reference frame", () => {
    const frame = Buffer.from(
      "0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e7465" +
        "6e74426c6f636b44656c74610d3a636f6e74656e742d74797065070010617070" +
        "6c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576" +
        "656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461" +
        "223a7b2274657874223a224869227d7d1f944657",
      "hex",
    );
    expect(read(frame)).toEqual([
      { kind: "event", event: "contentBlockDelta", data: '{"contentBlockIndex":0,"delta":{"text":"Hi"}}' },
    ]);
  });

  it.each([
    [{ ":message-type": "event", ":event-type": "e" }, "{}", { kind: "event", event: "e", data: "{}" }],
    [{ ":message-type": "event" }, "", { kind: "event", event: "", data: "" }],
    [
      { ":message-type": "exception", ":exception-type": "throttlingException" },
      '{"message":"slow"}',
      { kind: "exception", event: "throttlingException", data: '{"message":"slow"}' },
    ],
    [
      { ":message-type": "error", ":error-code": "InternalError", ":error-message": 'a "b"' },
      "",
      { kind: "error", event: "InternalError", data: '{"message":"a \\"b\\""}' },
    ],
  ])("maps the type of a message: %j", (headers, payload, frame) => {
    expect(read(encodeAwsFrame(headers as Record<string, string>, payload))).toEqual([frame]);
  });

  it("hands a message over with its last byte", () => {
    const framer = awsEventStreamFramer();
    expect(framer.push(delta.subarray(0, -1))).toEqual([]);
    expect(framer.push(delta.subarray(-1))).toHaveLength(1);
    expect(framer.end()).toEqual([]);
  });
});

describe("beside the SDK's own codec", () => {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
    (text) => Buffer.from(text, "utf8"),
  );
  const extra = fc.oneof(
    fc.boolean().map((value) => ({ type: "boolean" as const, value })),
    fc.integer({ min: -128, max: 127 }).map((value) => ({ type: "byte" as const, value })),
    fc.integer({ min: -32768, max: 32767 }).map((value) => ({ type: "short" as const, value })),
    fc.integer().map((value) => ({ type: "integer" as const, value })),
    fc.integer().map((value) => ({ type: "long" as const, value: Int64.fromNumber(value) })),
    fc.uint8Array({ maxLength: 300 }).map((value) => ({ type: "binary" as const, value })),
    fc.string({ unit: "grapheme" }).map((value) => ({ type: "string" as const, value })),
    fc.date({ noInvalidDate: true }).map((value) => ({ type: "timestamp" as const, value })),
    fc.uuid().map((value) => ({ type: "uuid" as const, value })),
  );
  const message = fc.record({
    event: fc.string({ unit: "grapheme" }),
    data: fc.string({ unit: "grapheme" }),
    extra: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), extra, { maxKeys: 5 }),
  });

  it("reads what it writes, with headers of every type, however the bytes arrive", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(2_000)), (messages, cuts) => {
        const bytes = Buffer.concat(
          messages.map(({ event, data, extra: headers }) =>
            codec.encode({
              headers: {
                ...(headers as MessageHeaders),
                ":message-type": { type: "string", value: "event" },
                ":event-type": { type: "string", value: event },
              },
              body: Buffer.from(data),
            }),
          ),
        );
        const frames = messages.map(({ event, data }) => ({ kind: "event", event, data }));
        expect(framed(awsEventStreamFramer(), bytes)).toEqual(frames);
        expect(framed(awsEventStreamFramer(), bytes, everyByte(bytes))).toEqual(frames);
        const inside = cuts.filter((cut) => cut <= bytes.length);
        expect(framed(awsEventStreamFramer(), bytes, inside)).toEqual(frames);
      }),
    );
  });

  it("agrees that any changed byte makes a message wrong", () => {
    for (const at of delta.keys()) {
      const bytes = Buffer.from(delta);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      expect(() => codec.decode(bytes)).toThrow();
      expect(() => read(bytes)).toThrow(expect.objectContaining({ code: "protocol_error" }));
    }
  });
});

describe("what is no message", () => {
  const headersAt = 12;
  const typeAt = headersAt + 1 + ":message-type".length;

  it.each([
    [
      "a length above the cap",
      (b) => b.writeUInt32BE(16 * 1024 * 1024 + 1, 0),
      "a message of 16777217 bytes",
    ],
    ["the largest length", (b) => b.writeUInt32BE(0xffffffff, 0), "a message of 4294967295 bytes"],
    ["a length below the smallest", (b) => b.writeUInt32BE(3, 0), "headers in a message of 3 bytes"],
    [
      "headers longer than the message",
      (b) => b.writeUInt32BE(b.length - 15, 4),
      "bytes of headers in a message",
    ],
    ["a header longer than the headers", (b) => b.writeUInt16BE(999, typeAt + 1), "longer than the headers"],
    ["a header of an unknown type", (b) => b.writeUInt8(10, typeAt), "a header of type 10"],
    ["a message of an unknown type", (b) => b.write("x", typeAt + 3), 'a message of type "xvent"'],
    ["a message without a type", (b) => b.write("x", headersAt + 2), 'a message of type ""'],
  ] as readonly [string, (bytes: Buffer) => void, string][])("refuses %s", (_what, change, message) => {
    expect(() => read(forged(change))).toThrow(refused(message));
  });

  it("refuses a giant length as soon as the prelude is there, before any of it is held", () => {
    const prelude = forged((bytes) => bytes.writeUInt32BE(0xffffffff, 0)).subarray(0, 12);
    expect(() => awsEventStreamFramer().push(prelude)).toThrow(refused("a message of 4294967295 bytes"));
  });

  it("holds what has arrived, not what is announced", () => {
    const before = process.memoryUsage().arrayBuffers;
    const framers = Array.from({ length: 8 }, () => awsEventStreamFramer());
    const prelude = forged((bytes) => bytes.writeUInt32BE(16 * 1024 * 1024, 0)).subarray(0, 12);
    for (const framer of framers) expect(framer.push(prelude)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it.each([
    ["a wrong checksum of the prelude", 8, "checksum of a message's prelude"],
    ["a wrong checksum of the message", delta.length - 4, "wrong checksum of a message"],
    ["a changed payload", delta.length - 5, "wrong checksum of a message"],
  ])("refuses %s", (_what, at, message) => {
    const bytes = Buffer.from(delta);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
    expect(() => read(bytes)).toThrow(refused(message));
  });

  it("refuses a stream that ends within a message, wherever it is cut", () => {
    for (let length = 1; length < delta.length; length += 1) {
      expect(() => read(delta, delta.subarray(0, length))).toThrow(refused(`ends ${length} bytes into`));
    }
  });
});
