import { RiptideError } from "../core/errors.ts";

const STRING = 7;

/** Bytes of a value by its type: true, false, byte, short, integer, long, then bytes, string, timestamp, uuid. */
const VALUE_BYTES = [0, 0, 1, 2, 4, 8, "prefixed", "prefixed", 8, 16] as const;

/** The headers of a message that hold text; values of the other types are stepped over. */
export function stringHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw malformed("a header is longer than the headers");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const name = take(take(1).readUInt8()).toString("utf8");
    const type = take(1).readUInt8();
    const length = VALUE_BYTES[type];
    if (length === undefined) throw malformed(`a header of type ${type}`);
    const value = take(length === "prefixed" ? take(2).readUInt16BE() : length);
    if (type === STRING) headers.set(name, value.toString("utf8"));
  }
  return headers;
}

const malformed = (what: string) => new RiptideError("protocol_error", `malformed AWS event stream: ${what}`);
