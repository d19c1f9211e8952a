import fc from "fast-check";
import type { Frame, Framer } from "../../src/wire/frame.ts";

/** The frames of a whole stream that arrives cut at the given offsets. */
export function framed(framer: Framer, bytes: Uint8Array, cuts: readonly number[] = []): Frame[] {
  const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  const frames = edges.slice(1).flatMap((edge, index) => framer.push(bytes.slice(edges[index], edge)));
  return [...frames, ...framer.end()];
}

/** Every offset of a stream: it arrives byte by byte. */
export const everyByte = (bytes: Uint8Array): number[] => [...bytes.keys()];

/** Bytes with random offsets to cut them at. */
export const cutBytes = (text: fc.Arbitrary<string>) =>
  text
    .map((value) => new TextEncoder().encode(value))
    .chain((bytes) =>
      fc.record({
        bytes: fc.constant(bytes),
        cuts: fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }),
      }),
    );
