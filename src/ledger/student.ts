/**
 * How many standard errors to each side of an estimate hold the given share of what is likely, where the error itself is
 * estimated from `freedom` + 1 values: Student's t (G. W. Hill, Algorithm 396, Communications of the ACM 13, 1970).
 * @param share Between 0 and 1, both exclusive.
 * @param freedom Degrees of freedom, at least 1.
 */
export function studentT(share: number, freedom: number): number {
  const tails = 1 - share;
  if (freedom === 1) return 1 / Math.tan((tails * Math.PI) / 2);
  if (freedom === 2) return Math.sqrt(2 / (tails * (2 - tails)) - 2);
  const a = 1 / (freedom - 0.5);
  const b = 48 / a ** 2;
  const c = ((20700 * a) / b - 98) * a - 16 + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * freedom;
  const y = (d * tails) ** (2 / freedom);
  return Math.sqrt(
    freedom * (y > 0.05 + a ? farFromTails(tails, freedom, { a, b, c, d }) : nearTails(y, freedom, d)),
  );
}

interface Hill {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

function farFromTails(tails: number, freedom: number, { a, b, c, d }: Hill): number {
  const x = normalQuantile(tails / 2);
  const y = x ** 2;
  const wider = freedom < 5 ? c + 0.3 * (freedom - 4.5) * (x + 0.6) : c;
  const e = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + wider;
  const f = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / e - y - 3) / b + 1) * x;
  const g = a * f ** 2;
  return g > 0.002 ? Math.exp(g) - 1 : 0.5 * g ** 2 + g;
}

function nearTails(y: number, freedom: number, d: number): number {
  const inner = ((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3;
  return ((1 / inner + 0.5 / (freedom + 4)) * y - 1) * ((freedom + 1) / (freedom + 2)) + 1 / y;
}

/** The point below which a share of the standard normal distribution lies (Abramowitz and Stegun 26.2.23). */
function normalQuantile(share: number): number {
  if (share > 0.5) return -normalQuantile(1 - share);
  const t = Math.sqrt(-2 * Math.log(share));
  const upper = 2.515517 + t * (0.802853 + t * 0.010328);
  const lower = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return upper / lower - t;
}
