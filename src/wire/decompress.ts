import { RiptideError } from "../core/errors.ts";

/**
 * The stream as its sender meant it. RipTide asks for no compression, but some gateways compress anyway.
 * Output is made only as fast as it is read, so that a bomb costs no more memory than its next chunk.
 *
 * @throws RiptideError `protocol_error` for an encoding nobody asked for
 */
export function decompressed(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncIterable<Uint8Array> {
  const name = encoding?.trim().toLowerCase();
  if (!name || name === "identity") return body;
  const inflater = createInflater(name);
  if (!inflater)
    throw new RiptideError("protocol_error", `the answer is encoded as ${name}, which was not asked for`, {
      phase: "body",
      action: "next",
    });
  // Errors of either side reach the reader through the inflater.
  process.getBuiltinModule("node:stream").pipeline(body, inflater, () => undefined);
  return inflater;
}

function createInflater(encoding: string) {
  const zlib = process.getBuiltinModule("node:zlib");
  if (encoding === "gzip" || encoding === "x-gzip") return zlib.createGunzip();
  if (encoding === "deflate") return zlib.createInflate();
  return encoding === "br" ? zlib.createBrotliDecompress() : undefined;
}
