import { seededRandom } from "../../core/random.ts";

/** A vector of length one that depends on nothing but its arguments. */
export function unitVector(text: string, dimensions: number, seed: number): readonly number[] {
  // Two generators from two hashes: one alone has so few states that different texts would soon share a vector.
  const first = seededRandom(fnv1a(text, 0x811c_9dc5 ^ seed));
  const second = seededRandom(fnv1a(text, 0x01000193 + seed));
  const raw = Array.from({ length: dimensions }, () => first() + second() - 1);
  const length = Math.hypot(...raw);
  return length === 0
    ? raw.map((_value, index) => (index === 0 ? 1 : 0))
    : raw.map((value) => value / length);
}

/** The FNV-1a hash over UTF-16 units (Fowler, Noll and Vo). */
function fnv1a(text: string, basis: number): number {
  let hash = basis >>> 0;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}
