import { crc32 } from "node:zlib";
import { RiptideError } from "../core/errors.ts";
import { stringHeaders } from "./aws-event-headers.ts";
import { byteBuffer } from "./byte-buffer.ts";
import type { Frame, Framer } from "./frame.ts";

/** Largest message (AT-9). */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

// Lengths of the parts of a message (Amazon event stream encoding, AWS SDK documentation): total length,
// headers length and their CRC; headers; payload; CRC of all before it. Numbers are big-endian.
const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;

/** Cuts an `application/vnd.amazon.eventstream` body into messages, both checksums checked. */
export function awsEventStreamFramer(): Framer {
  const buffer = byteBuffer();
  return {
    push(chunk) {
      buffer.append(chunk);
      const frames: Frame[] = [];
      for (;;) {
        const bytes = messageIn(buffer.view());
        if (!bytes) return frames;
        frames.push(frameOf(bytes));
        buffer.discard(bytes.length);
      }
    },
    end() {
      const left = buffer.view().length;
      if (left > 0) throw malformed(`the stream ends ${left} bytes into a message`);
      return [];
    },
  };
}

/** The first message, when it is there as a whole. Its length is believed only if the prelude's CRC is right. */
function messageIn(bytes: Buffer): Buffer | undefined {
  if (bytes.length < PRELUDE_BYTES) return undefined;
  if (crc32(bytes.subarray(0, PRELUDE_BYTES - CRC_BYTES)) !== bytes.readUInt32BE(8)) {
    throw malformed("wrong checksum of a message's prelude");
  }
  const length = bytes.readUInt32BE(0);
  const headersLength = bytes.readUInt32BE(4);
  if (length > MAX_MESSAGE_BYTES) throw malformed(`a message of ${length} bytes`);
  if (headersLength > length - PRELUDE_BYTES - CRC_BYTES) {
    throw malformed(`${headersLength} bytes of headers in a message of ${length} bytes`);
  }
  return bytes.length < length ? undefined : bytes.subarray(0, length);
}

function frameOf(message: Buffer): Frame {
  const crcAt = message.length - CRC_BYTES;
  if (crc32(message.subarray(0, crcAt)) !== message.readUInt32BE(crcAt)) {
    throw malformed("wrong checksum of a message");
  }
  const payloadAt = PRELUDE_BYTES + message.readUInt32BE(4);
  const headers = stringHeaders(message.subarray(PRELUDE_BYTES, payloadAt));
  const data = message.subarray(payloadAt, crcAt).toString("utf8");
  const header = (name: string) => headers.get(name) ?? "";
  const type = header(":message-type");
  switch (type) {
    case "event":
      return { kind: "event", event: header(":event-type"), data };
    case "exception":
      return { kind: "exception", event: header(":exception-type"), data };
    case "error":
      return {
        kind: "error",
        event: header(":error-code"),
        data: JSON.stringify({ message: header(":error-message") }),
      };
    default:
      throw malformed(`a message of type ${JSON.stringify(type.slice(0, 40))}`);
  }
}

const malformed = (what: string) => new RiptideError("protocol_error", `malformed AWS event stream: ${what}`);
