/**
 * Makes request ids; chance is drawn for many of them at once, which costs a tenth of drawing it for each.
 * @param draw So many random bytes.
 */
export function requestIds(wall: () => number, draw: (bytes: number) => Uint8Array): () => string {
  let chance: Uint8Array = new Uint8Array(0);
  let at = 0;
  return () => {
    if (at >= chance.length) {
      chance = draw(CHANCE_BYTES * IDS_PER_DRAW);
      at = 0;
    }
    at += CHANCE_BYTES;
    return requestId(wall(), chance.subarray(at - CHANCE_BYTES, at));
  };
}

const CHANCE_BYTES = 16;
const IDS_PER_DRAW = 256;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * A request id that sorts by time: `rq_`, ten characters of Unix milliseconds, sixteen of chance (the layout of
 * a ULID).
 * @param chance At least 16 random bytes.
 */
export function requestId(wallMs: number, chance: Uint8Array): string {
  let time = "";
  for (let rest = wallMs, place = 0; place < 10; place += 1) {
    time = (ALPHABET[rest % 32] ?? "") + time;
    rest = Math.floor(rest / 32);
  }
  let suffix = "";
  for (let place = 0; place < CHANCE_BYTES; place += 1) suffix += ALPHABET[(chance[place] ?? 0) % 32];
  return `rq_${time}${suffix}`;
}
