import { RiptideError } from "../../core/errors.ts";

/**
 * Bytes as text, without a byte order mark; line ends stay as they are.
 *
 * @param name - what the bytes are, for the error: `stdin` or a path
 * @throws RiptideError `usage` with the offset of the first byte that is not UTF-8
 */
export function utf8Text(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const offset = firstInvalidByte(bytes);
    const byte = bytes[offset]?.toString(16).padStart(2, "0");
    throw new RiptideError("usage", `${name} is not UTF-8 text: byte 0x${byte} at offset ${offset}`, {
      hint: "convert it to UTF-8, or give an image with --attach PATH",
      cause,
    });
  }
}

const REPLACEMENT = "\ufffd";

/** The decoder puts a replacement where bytes are wrong; one that the bytes spell out themselves is text. */
function firstInvalidByte(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (const char of buffer.toString("utf8")) {
    if (char === REPLACEMENT && buffer.toString("hex", offset, offset + 3) !== "efbfbd") return offset;
    offset += Buffer.byteLength(char);
  }
  return offset;
}

/** A number of bytes for people: `4 MiB` where it is whole, else one decimal. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const [size, unit] = bytes < 1_048_576 ? [bytes / 1_024, "KiB"] : [bytes / 1_048_576, "MiB"];
  return `${Math.round(size * 10) / 10} ${unit}`;
}
