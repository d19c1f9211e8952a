/**
 * One message of the Amazon event stream encoding, written from its documented layout and independent of src/:
 * total length, headers length, prelude CRC, headers, payload, message CRC. Every header is a string (type 7).
 */
export function encodeAwsFrame(headers: Record<string, string>, payload: string): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(payload, "utf8");
  const prelude = Buffer.concat([uint32(16 + head.length + body.length), uint32(head.length)]);
  const message = Buffer.concat([prelude, uint32(crc(prelude)), head, body]);
  return Buffer.concat([message, uint32(crc(message))]);
}

function header(name: string, value: string): Buffer {
  const text = Buffer.from(value, "utf8");
  return Buffer.concat([
    Buffer.of(Buffer.byteLength(name)),
    Buffer.from(name, "utf8"),
    Buffer.of(7, text.length >>> 8, text.length & 0xff),
    text,
  ]);
}

function uint32(value: number): Buffer {
  return Buffer.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** CRC-32 of IEEE 802.3, bit by bit. */
function crc(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    }
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
