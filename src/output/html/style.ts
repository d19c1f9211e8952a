import { html } from "./markup.ts";

/** How the report looks, on a screen by day or night and on paper. */
export const STYLE = html`
:root { color-scheme: light dark; --ink: #1b2330; --soft: #5b6675; --line: #dfe4ea; --paper: #fff; --card: #f6f8fa; --bar: #2f7fa8; --ok: #2e8b57; --warn: #a86f00; --bad: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #303946; --paper: #14181f; --card: #1c222c; --bar: #58a9d1; --ok: #55b980; --warn: #e0aa3e; --bad: #e8675a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 2rem 1.5rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6em; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.15em; }
p { margin: .3rem 0; }
.soft { color: var(--soft); }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin-top: 1.2rem; }
.tile { flex: 1 1 7em; padding: .8em; border-radius: .5rem; background: var(--card); }
.tile b { display: block; font-size: 1.2em; white-space: nowrap; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92em; font-variant-numeric: tabular-nums; }
th, td { padding: .4em .55em; border-bottom: 1px solid var(--line); text-align: left; vertical-align: middle; }
th { color: var(--soft); font-weight: 600; font-size: .92em; }
td.name { min-width: 6em; max-width: 18em; overflow-wrap: break-word; }
td.wide { width: 60%; }
td.wide svg.cell { width: 100%; min-width: 8rem; }
td.date { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
tfoot { display: table-row-group; }
tfoot td { font-weight: 600; border-bottom: 0; }
svg { display: block; width: 100%; height: auto; }
svg rect { fill: var(--bar); }
svg .axis { stroke: var(--soft); }
svg .grid { stroke: var(--line); }
svg .label { fill: var(--soft); font-size: 11px; }
svg.cell { width: 7em; height: .7em; }
svg.gauge { min-width: 8rem; max-width: 20rem; }
svg .whole { fill: var(--line); }
svg .ok { fill: var(--ok); }
svg .warn { fill: var(--warn); }
svg .exceeded { fill: var(--bad); }
svg .forecast { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 3 2; }
.finding { margin: .8rem 0; padding: .8rem 1rem; border-left: .25rem solid var(--bar); background: var(--card); break-inside: avoid; }
pre { margin: .5rem 0 0; padding: .5rem .7rem; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: .3rem; font: .87em/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 2.5em; font-size: .85em; }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #ccc; --paper: #fff; --card: #f6f6f6; --bar: #2f7fa8; } body { max-width: none; padding: 0; font-size: 10px; } .scroll { overflow: visible; } svg.cell { width: 4em; } td.wide svg.cell { width: 100%; } h2 { break-after: avoid; margin-top: 1.5em; } tr, svg, .tile { break-inside: avoid; } * { print-color-adjust: exact; } }
`;
