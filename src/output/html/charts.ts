import { html, type Markup } from "./markup.ts";

/** A bar of a chart. */
export interface Bar {
  /** Below the bar, where there is room for it. */
  readonly label: string;
  readonly value: number;
  /** What the bar says when it is pointed at, and to those who cannot see it. */
  readonly text: string;
}

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 64;
const BOTTOM = 22;
const TOP = 10;
/** A label needs so many units of width. */
const LABEL_WIDTH = 46;
/** A few values do not make walls of bars. */
const WIDEST_BAR = 64;

/**
 * Upright bars over a line, with the largest value at the top of its scale. A drawing is one thing to those who have it
 * read to them, so that its description says what the bars do.
 */
export function barChart(title: string, bars: readonly Bar[], scaleText: (value: number) => string): Markup {
  const most = Math.max(...bars.map(({ value }) => value), 0);
  const step = (WIDTH - LEFT) / Math.max(1, bars.length);
  const room = HEIGHT - BOTTOM - TOP;
  const width = Math.min(WIDEST_BAR, step * 0.76);
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / step));
  const drawn = bars.map(({ label, value, text }, at) => {
    const height = most === 0 ? 0 : Math.max(value > 0 ? 1 : 0, (value / most) * room);
    const middle = LEFT + (at + 0.5) * step;
    const caption =
      at % every === 0
        ? html`<text class="label" x="${fixed(middle)}" y="${HEIGHT - 6}" text-anchor="middle">${label}</text>`
        : null;
    return html`<rect x="${fixed(middle - width / 2)}" y="${fixed(HEIGHT - BOTTOM - height)}" width="${fixed(width)}" height="${fixed(height)}"><title>${text}</title></rect>${caption}`;
  });
  // Half of one request is no request.
  const isHalved = scaleText(most / 2) !== scaleText(most);
  const lines = (isHalved ? [1, 0.5] : [1]).map((part) => {
    const y = fixed(HEIGHT - BOTTOM - part * room);
    return html`<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/><text class="label" x="${LEFT - 6}" y="${fixed(Number(y) + 4)}" text-anchor="end">${scaleText(most * part)}</text>`;
  });
  return html`<svg role="img" aria-label="${title}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><desc>${bars.map(({ text }) => text).join("; ")}</desc>${most > 0 ? lines : null}${drawn}<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/></svg>`;
}

const GAUGE_WIDTH = 320;
const GAUGE_HEIGHT = 14;

/** What part of a limit is used, with a line where it is forecast to end; both are shares, 1 is the limit. */
export function gauge(
  title: string,
  {
    used,
    forecast,
    level,
  }: { readonly used: number; readonly forecast: number | null; readonly level: string },
): Markup {
  const scale = Math.max(1, used, forecast ?? 0);
  const at = (share: number) => fixed((share / scale) * GAUGE_WIDTH);
  const mark =
    forecast === null
      ? null
      : html`<line class="forecast" x1="${at(forecast)}" x2="${at(forecast)}" y1="0" y2="${GAUGE_HEIGHT}"/>`;
  return html`<svg class="gauge" role="img" aria-label="${title}" viewBox="-1 -1 ${GAUGE_WIDTH + 2} ${GAUGE_HEIGHT + 2}"><title>${title}</title><rect class="whole" width="${at(1)}" height="${GAUGE_HEIGHT}"/><rect class="${level}" width="${at(used)}" height="${GAUGE_HEIGHT}"/>${mark}</svg>`;
}

/** A bar inside a cell of a table, as long as its share of the largest. */
export const cellBar = (share: number): Markup =>
  html`<svg class="cell" aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none"><rect width="${fixed(Math.min(1, share) * 100)}" height="8"/></svg>`;

const fixed = (value: number): string => String(Math.round(value * 10) / 10);
