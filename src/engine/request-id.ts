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
  const suffix = Array.from(chance.subarray(0, 16), (byte) => ALPHABET[byte % 32]).join("");
  return `rq_${time}${suffix}`;
}
